"""`bench rerank` prints figures of each backend; which figures, hangs on the machine."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.web3rec.cli.calls import Place
from tests.web3rec.rerank.bundle.bundles import FILES, KEY, MANIFEST, toy
from web3rec.cli import bench, benched
from web3rec.errors import DataError
from web3rec.rerank.bundle import onnx_backend, sealed
from web3rec.rerank.bundle.specimen import specimen

FIGURES = {
    *("candidates", "backend", "p50_ms", "p99_ms", "wall_p99_ms", "bytes", "rss_mb", "load_ms"),
    "lists",
}
HERE = ["numpy", *(["onnxruntime"] if onnx_backend.is_there() else [])]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench") / "model.bundle"
    path.write_bytes(specimen(300, np.random.default_rng(1)))
    return path


@pytest.mark.slow
def test_json_is_a_line_for_each_backend_that_is_here(nowhere: Place) -> None:
    said = nowhere.fine("bench", "rerank", "--items", "300", "--lists", "5", "--json")
    assert [line["backend"] for line in said.objects] == HERE
    for line in said.objects:
        assert set(line) == FIGURES
        assert line["candidates"] == 200
        assert line["bytes"] == len(specimen(300, np.random.default_rng(0)))
        assert 0 < line["p50_ms"] <= line["p99_ms"]
        assert line["load_ms"] > 0
        assert line["rss_mb"] is None or line["rss_mb"] >= 0


@pytest.mark.slow
def test_without_json_it_is_a_table(nowhere: Place, bundle: Path) -> None:
    out = nowhere.fine("bench", "rerank", "--bundle", str(bundle), "--lists", "2").out
    head, *rows = out.splitlines()
    assert head.split() == list(bench.COLUMNS)
    assert [row.split()[0] for row in rows] == HERE


def test_one_measurement_in_this_process(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    benched.main(str(bundle), "numpy", "7", "3")
    found = json.loads(capsys.readouterr().out)
    assert set(found) == FIGURES
    assert (found["candidates"], found["backend"], found["lists"]) == (7, "numpy", 3)
    assert found["bytes"] == bundle.stat().st_size


def test_questions_name_items_of_the_bundle_and_some_that_it_lacks(bundle: Path) -> None:
    opened = benched.opened(bundle)
    asked = benched.questions(opened, 200, np.random.default_rng(0))
    assert len(asked) == benched.LISTS
    assert opened.vectors is not None
    content = asked[0].content
    assert content is not None
    _, known = opened.vectors.of(list(content.items))
    assert 150 < known.sum() < 200


def test_what_is_no_bundle_or_a_spoilt_one_is_told(nowhere: Place, tmp_path: Path) -> None:
    path = tmp_path / "x.bundle"
    data = toy()
    for spoilt, said in (
        (b"no bundle at all", "layout: these are not"),
        (data[:-1] + bytes([data[-1] ^ 1]), "hash: weights.npz"),
        (data[:104] + bytes(16) + data[120:], "size: a manifest of 0 bytes"),
        (data[:50] + bytes([data[50] ^ 1]) + data[51:], "signature: "),
    ):
        path.write_bytes(spoilt)
        told = nowhere("bench", "rerank", "--bundle", str(path)).complaint
        assert said in told
        assert "x.bundle" in told
    gone = nowhere("bench", "rerank", "--bundle", str(tmp_path / "gone"))
    assert gone.code == 2
    assert "does not exist" in gone.complaint


@pytest.mark.slow
def test_a_backend_that_the_bundle_has_no_model_for_is_left_out(
    nowhere: Place, tmp_path: Path
) -> None:
    path = tmp_path / "numpy.bundle"
    only = {name: FILES[name] for name in ("items.i8", "weights.npz")}
    path.write_bytes(sealed(MANIFEST, only, KEY))
    said = nowhere.fine("bench", "rerank", "--bundle", str(path), "--lists", "2", "--json")
    assert [line["backend"] for line in said.objects] == ["numpy"]
    assert "onnxruntime: the bundle has no model for it" in said.err


def test_nothing_that_can_run_it_is_told(
    nowhere: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "is_there", lambda: False)
    path = tmp_path / "onnx.bundle"
    manifest = replace(MANIFEST, layers=(), basis=None)
    path.write_bytes(sealed(manifest, {"model.onnx": FILES["model.onnx"]}, KEY))
    told = nowhere("bench", "rerank", "--bundle", str(path))
    assert told.code == 1
    assert "nothing here can run" in told.err


@pytest.mark.skipif(os.name == "nt", reason="a script with a first line of its own")
def test_a_measurement_that_fails_or_hangs_is_told(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho 'it broke' >&2\nexit 3\n")
    program.chmod(0o700)
    monkeypatch.setattr("sys.executable", str(program))
    with pytest.raises(DataError, match="numpy failed: it broke"):
        bench._measured(bundle, "numpy", 5, 1)
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    monkeypatch.setattr(bench, "SECONDS", 0.05)
    with pytest.raises(DataError, match="numpy took more than"):
        bench._measured(bundle, "numpy", 5, 1)


def test_a_specimen_is_the_same_bytes_and_5_mb_hold_60_000_items() -> None:
    data = specimen(50, np.random.default_rng(7))
    assert data == specimen(50, np.random.default_rng(7))
    assert data != specimen(50, np.random.default_rng(8))
    assert len(data) + 59_950 * 80 < 5_000_000
