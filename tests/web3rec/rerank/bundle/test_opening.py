"""The door: what was signed by whom the user pinned is taken, everything else refused (X3)."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.rerank.bundle.bundles import (
    COLUMNS,
    FILES,
    KEY,
    MANIFEST,
    STRANGER,
    TRUSTED,
    ground,
    signed,
    taken,
    toy,
    with_files,
)
from web3rec.errors import DataError
from web3rec.rerank.bundle import (
    Bundle,
    Column,
    Ground,
    Installed,
    Manifest,
    Ndcg,
    Refusal,
    Trusted,
    announced,
    container,
    items,
    loaded,
    opened,
    sealed,
)
from web3rec.rerank.bundle.manifest import written
from web3rec.types import PeerId

DATA = toy()


def test_a_bundle_comes_back_as_it_was_sealed() -> None:
    found = taken(DATA)
    assert found.publisher == KEY.peer
    assert replace(found.manifest, files={}) == MANIFEST
    assert found.onnx == FILES["model.onnx"]
    assert [step.kind for step in found.steps] == ["linear"]
    assert found.vectors is not None
    assert found.vectors.basis == MANIFEST.basis
    assert toy() == DATA  # the same bytes every time


def test_the_layout_by_hand() -> None:
    """Each part stands where docs/bundles.md says."""
    assert DATA[:8] == b"W3RBNDL\x01"
    assert DATA[8:40] == KEY.peer
    lengths = [int.from_bytes(DATA[at : at + 4], "big") for at in (104, 108, 112, 116)]
    manifest = DATA[120 : 120 + lengths[0]]
    assert manifest.startswith(b'{"basis":"')
    message = b"web3rec-bundle-v1\x00" + DATA[:40] + DATA[104:120] + manifest
    assert DATA[40:104] == KEY.sign(message)
    assert DATA[120 + lengths[0] :] == b"".join(FILES[name] for name in sorted(FILES))
    assert lengths[1:] == [len(FILES[name]) for name in sorted(FILES)]


@pytest.mark.slow
def test_X3_a_change_of_any_byte_refuses() -> None:
    refused = 0
    for at in range(len(DATA)):
        spoilt = bytearray(DATA)
        spoilt[at] ^= 1 << (at % 8)
        refused += isinstance(opened(bytes(spoilt), TRUSTED), Refusal)
    assert refused == len(DATA)


@given(st.integers(0, len(DATA) - 1), st.integers(0, 255))
def test_X3_any_other_byte_anywhere_refuses(at: int, byte: int) -> None:
    spoilt = DATA[:at] + bytes([byte]) + DATA[at + 1 :]
    assert isinstance(opened(spoilt, TRUSTED), Bundle) == (spoilt == DATA)


@pytest.mark.slow
def test_X3_cut_off_anywhere_or_with_a_byte_more_it_is_refused() -> None:
    assert all(ground(DATA[:end]) for end in range(len(DATA)))
    assert ground(DATA + b"\0") is Ground.LAYOUT


@given(st.binary(max_size=400))
def test_X3_any_bytes_are_refused_and_never_raise(data: bytes) -> None:
    assert ground(data) is Ground.LAYOUT
    assert ground(container.MAGIC + data) is not None
    assert ground(signed(data)) is not None


def test_X3_a_stranger_is_refused_before_anything_of_theirs_is_read() -> None:
    theirs = sealed(MANIFEST, FILES, STRANGER)
    assert ground(theirs) is Ground.PUBLISHER
    assert ground(theirs, Trusted(publishers=frozenset({STRANGER.peer}))) is None
    assert ground(DATA, Trusted(publishers=frozenset())) is Ground.PUBLISHER


def test_X3_a_stranger_cannot_speak_as_a_publisher() -> None:
    theirs = bytearray(sealed(MANIFEST, FILES, STRANGER))
    theirs[8:40] = KEY.peer
    assert ground(bytes(theirs)) is Ground.SIGNATURE


def test_X3_R13_a_signature_of_another_domain_is_refused() -> None:
    end = container.head(DATA).manifest_end
    for domain in (b"web3rec-record-v1", b"web3rec-bundle-v2", b""):
        other = KEY.sign(domain + b"\0" + DATA[:40] + DATA[104:end])
        assert ground(DATA[:40] + other + DATA[104:]) is Ground.SIGNATURE


def test_X3_a_weak_key_signs_nothing_even_if_pinned() -> None:
    weak = PeerId(b"\x01" + bytes(31))
    forged = DATA[:8] + weak + weak + bytes(32) + DATA[104:]
    assert ground(forged, Trusted(publishers=frozenset({weak}))) is Ground.SIGNATURE


def test_X3_no_downgrade_not_even_after_removal() -> None:
    digest = taken(DATA).digest
    kept = replace(TRUSTED, newest={(KEY.peer, "toy"): Installed(3, digest)})
    assert ground(DATA, kept) is None  # itself
    assert ground(toy(version=2), kept) is Ground.DOWNGRADE
    assert ground(toy(version=4), kept) is None
    assert ground(toy(version=3, licence="MIT"), kept) is Ground.DOWNGRADE  # another 3
    assert ground(toy(version=1, name="other"), kept) is None  # names do not share versions


def test_X3_a_file_that_was_not_signed_is_refused() -> None:
    found = taken(DATA).manifest
    other = container.packed(
        written(found), {**FILES, "model.onnx": FILES["model.onnx"][::-1]}, KEY
    )
    assert ground(other) is Ground.HASH
    fewer = {name: FILES[name] for name in ("model.onnx", "weights.npz")}
    assert ground(container.packed(written(found), fewer, KEY)) is Ground.HASH


def test_X5_a_model_spoilt_by_quantising_or_no_better_than_the_graph_is_refused() -> None:
    for ndcg, refused in (
        (Ndcg(0.1, 0.12, 0.1189), True),  # keeps 99.08 %
        (Ndcg(0.1, 0.12, 0.1187), False),  # keeps 98.9 %
        (Ndcg(0.12, 0.121, 0.12), False),
    ):
        data = with_files(FILES, replace(MANIFEST, ndcg=ndcg))
        assert (ground(data) is None) == refused


def test_item_vectors_in_another_basis_are_refused() -> None:
    flipped = items.basis_of(np.diag([1, -1, 1]).astype(np.float32))  # one sign of an SVD
    assert ground(DATA, replace(TRUSTED, basis=flipped)) is Ground.BASIS
    assert ground(DATA, replace(TRUSTED, basis=MANIFEST.basis)) is None
    assert ground(with_files(FILES, replace(MANIFEST, basis=flipped))) is Ground.BASIS


def test_columns_of_another_version_are_refused() -> None:
    columns = (Column(COLUMNS[0], "share"), Column("aura", "lumen"))
    assert ground(with_files(FILES, replace(MANIFEST, columns=columns))) is Ground.INPUTS


def test_more_than_8_mib_are_refused_unread() -> None:
    large = bytearray(DATA[:120])
    large[108:112] = (8 * 1024 * 1024).to_bytes(4, "big")
    assert ground(bytes(large)) is Ground.SIZE
    assert ground(bytes(8 * 1024 * 1024 + 1)) is Ground.SIZE
    with pytest.raises(DataError, match="8388608"):
        sealed(MANIFEST, {**FILES, "items.i8": bytes(8 * 1024 * 1024)}, KEY)


def test_head_and_manifest_are_enough_to_tell_whether_to_fetch_the_rest() -> None:
    end = container.head(DATA).manifest_end
    assert isinstance(announced(DATA[:end], TRUSTED), Manifest)
    assert isinstance(announced(DATA[: end - 1], TRUSTED), Refusal)
    told = announced(DATA[:end], Trusted(publishers=frozenset()))
    assert isinstance(told, Refusal)
    assert told.ground is Ground.PUBLISHER


def test_who_seals_is_told_what_would_be_refused() -> None:
    with pytest.raises(DataError, match="nobody would take this bundle: quality"):
        toy(ndcg=Ndcg(0.2, 0.1, 0.1))
    with pytest.raises(DataError, match="cannot be spelled"):
        toy(ndcg=Ndcg(0.2, float("nan"), 0.1))


def test_a_bundle_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "toy.bundle"
    path.write_bytes(DATA)
    assert isinstance(loaded(path, TRUSTED), Bundle)
    path.write_bytes(bytes(9 * 1024 * 1024))
    found = loaded(path, TRUSTED)
    assert isinstance(found, Refusal)
    assert str(found).startswith("size: more than 8388608")
    with pytest.raises(DataError, match="is it there"):
        loaded(tmp_path / "nothing", TRUSTED)


def test_D6_a_refusal_names_no_key() -> None:
    told = str(opened(sealed(MANIFEST, FILES, STRANGER), TRUSTED))
    assert "publisher" in told
    assert STRANGER.peer.hex() not in told
    assert KEY.peer.hex() not in told
