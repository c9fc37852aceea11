"""Which runtime a bundle's model gets where there are several, and how long one may take."""

import importlib.metadata
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from tests.web3rec.ordered import GOOD, TOY, places, with_bundle
from tests.web3rec.rerank.bundle.bundles import FILES, MANIFEST, features, taken, toy, with_files
from tests.web3rec.rerank.bundle.onnx_bytes import PRODUCT, graph, model, tensor
from tests.web3rec.rerank.bundle.test_backends import heavy, with_runtime
from tests.web3rec.walkers import PUBLISHER, bundle
from web3rec import Options
from web3rec.errors import ParamError
from web3rec.rerank.bundle import Column, Refusal, reranker, sealed
from web3rec.rerank.bundle.numpy_backend import NumpyModel
from web3rec.rerank.bundle.onnx_backend import ONNXRUNTIME, OnnxModel
from web3rec.rerank.bundle.runtime import Matrix, Session, sends_nothing, within
from web3rec.rerank.model import ModelError

WEIGHTS = np.array([[weight] for weight in GOOD.values()], dtype=np.float32)


@dataclass
class Linear:
    """A runtime that knows one model: the columns times WEIGHTS."""

    name: str = "linear"
    there: bool = True
    given: list[bytes] = field(default_factory=list)
    asked: int = 0

    def is_there(self) -> bool:
        return self.there

    def session(self, model: bytes) -> Session:
        if not self.there:
            raise ModelError("linear is not there")
        self.given.append(model)
        return self

    def run(self, inputs: Mapping[str, Matrix], seconds: float) -> Matrix:
        self.asked += 1
        return np.asarray(inputs["features"] @ WEIGHTS, dtype=np.float32)


@pytest.fixture
def without_onnxruntime(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device whose onnxruntime, if it has one, is too new."""
    monkeypatch.setattr(importlib.metadata, "version", {"onnxruntime": "1.29"}.__getitem__)


def runtime_of(answer: object) -> object:
    assert isinstance(answer, OnnxModel)
    return answer.runtime


@pytest.mark.usefixtures("without_onnxruntime")
def test_where_there_is_no_onnxruntime_the_first_that_is_there_runs_a_large_model() -> None:
    one, other, large = Linear(there=False), Linear(), taken(heavy())
    assert runtime_of(reranker(large, runtimes=(one, other))) is other
    assert isinstance(reranker(large, runtimes=(one,)), NumpyModel)
    assert isinstance(reranker(large), NumpyModel)


def test_a_small_model_stays_with_numpy_whatever_the_app_brings() -> None:
    assert isinstance(reranker(taken(toy()), runtimes=(Linear(),)), NumpyModel)


@with_runtime
def test_an_onnxruntime_that_is_there_comes_before_what_the_app_brings() -> None:
    assert runtime_of(reranker(taken(heavy()), runtimes=(Linear(),))) is ONNXRUNTIME


@pytest.mark.usefixtures("without_onnxruntime")
def test_who_names_a_backend_gets_that_one() -> None:
    large, brought = taken(heavy()), (Linear(),)
    assert isinstance(reranker(large, "numpy", runtimes=brought), NumpyModel)
    assert isinstance(reranker(large, "onnxruntime", runtimes=brought), Refusal)


@pytest.mark.usefixtures("without_onnxruntime")
def test_a_model_without_weights_for_numpy_runs_in_what_the_app_brings() -> None:
    only = taken(with_files({"model.onnx": FILES["model.onnx"]}))
    brought = Linear()
    answer = reranker(only, runtimes=(brought,))
    assert isinstance(answer, OnnxModel)
    asked = features(np.random.default_rng(1), 7)
    assert answer.scores(asked).shape == answer.scores(asked).shape == (7,)
    assert brought.given == [FILES["model.onnx"]], "loaded once, with the model as it came"
    assert brought.asked == 2


def test_a_runtime_that_comes_later_is_tried_again() -> None:
    brought = Linear(there=False)
    answer = OnnxModel(b"a model", ("walk", "popular"), runtime=brought)
    asked = features(np.random.default_rng(1), 3)
    with pytest.raises(ModelError, match="not there"):
        answer.scores(asked)
    brought.there = True
    assert answer.scores(asked).shape == (3,)


@pytest.mark.usefixtures("without_onnxruntime")
def test_X4_an_answer_of_another_length_or_infinity_is_refused() -> None:
    for odd in (np.zeros((9, 1), np.float32), np.full(7, np.inf, np.float32)):

        class Odd(Linear):
            def run(
                self, inputs: Mapping[str, Matrix], seconds: float, odd: Matrix = odd
            ) -> Matrix:
                return odd

        answer = OnnxModel(b"a model", ("walk", "popular"), runtime=Odd())
        with pytest.raises(ModelError, match=r"9 scores for 7|NaN or infinity"):
            answer.scores(features(np.random.default_rng(1), 7))


@pytest.mark.slow
@pytest.mark.usefixtures("without_onnxruntime")
def test_the_runtime_of_the_options_orders_lists_as_numpy_does(tmp_path: Path) -> None:
    """The same weights twice: as layers for NumPy, and as a model.onnx for what the app brings."""
    brought = Linear()
    for device in ("one", "other", "without"):
        (tmp_path / device).mkdir()
    by_numpy = with_bundle(tmp_path / "one", bundle(GOOD))
    by_runtime = with_bundle(tmp_path / "other", onnx_only(), runtimes=(brought,))
    assert by_runtime.model == by_numpy.model == TOY
    assert places(by_runtime) == places(by_numpy)
    assert brought.asked > 1, "judged and used"
    without = with_bundle(tmp_path / "without", onnx_only())
    assert without.model is None
    assert "no onnxruntime below 1.29" in without.model_note


def onnx_only() -> bytes:
    columns = tuple(Column(name, "as in features") for name in GOOD)
    manifest = replace(MANIFEST, version=1, columns=columns, layers=(), basis=None)
    data = model(graph([PRODUCT], [tensor("w", WEIGHTS)]))
    return sealed(manifest, {"model.onnx": data}, PUBLISHER)


def test_what_is_no_runtime_is_told_to_the_app() -> None:
    for wrong in (("onnxruntime",), "java", Linear()):
        with pytest.raises(ParamError, match="runtimes"):
            Options(runtimes=wrong)  # type: ignore[arg-type]
    assert Options(runtimes=(Linear(),)).runtimes[0].name == "linear"


def test_versions_that_send_nothing_by_hand() -> None:
    assert [v for v in ("1.28.0", "1.9", "1.28.0-rc", "1.29.0", "2.0") if sends_nothing(v)] == [
        *("1.28.0", "1.9", "1.28.0-rc")
    ]
    assert not any(map(sends_nothing, ("odd", "", "1.x")))


# -- within ----------------------------------------------------------------------------------------


def test_what_is_in_time_is_left_alone() -> None:
    stopped = threading.Event()
    with within(60, stopped.set):
        answer = 1
    assert (answer, stopped.is_set()) == (1, False)


@pytest.mark.parametrize("raises", [False, True])
def test_what_takes_long_is_stopped_and_refused_whatever_it_answers(raises: bool) -> None:
    stopped = threading.Event()

    def ask() -> None:
        with within(0.001, stopped.set):
            assert stopped.wait(60)
            if raises:
                raise ModelError("stopped")

    with pytest.raises(ModelError, match="more than 1 ms"):
        ask()


def test_what_fails_in_time_says_why() -> None:
    with pytest.raises(ModelError, match="it failed"), within(60, threading.Event().set):
        raise ModelError("it failed")
