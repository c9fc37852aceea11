"""items.i8: vectors by item key, in a basis that has a name."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.rerank.bundle.bundles import BASIS, VECTORS
from web3rec.errors import DataError
from web3rec.rerank.bundle import Ground, items
from web3rec.rerank.bundle.refusal import Unfit
from web3rec.types import ItemKey

DATA = items.written(BASIS, VECTORS)


def flaw(data: bytes) -> Ground | None:
    try:
        items.read(data)
    except Unfit as e:
        return e.refusal.ground
    return None


def test_vectors_by_hand() -> None:
    """Three rows of three numbers, the largest 3: one step is 3/127."""
    assert len(DATA) == 50 + 3 * (16 + 3)
    assert DATA[:8] == b"W3RVECS\x01"
    assert DATA[8:40] == BASIS
    assert DATA[40:46] == bytes([0, 0, 0, 3, 0, 3])
    assert DATA[50:66] == b"\x01" * 16
    assert list(DATA[98:101]) == [42, 256 - 42, 21]  # 127/3, its opposite, 127/6
    found, known = items.read(DATA).of([ItemKey(b"\x03" * 16), ItemKey(b"\x04" * 16)])
    assert known.tolist() == [True, False]
    assert found[0] == pytest.approx([3, -3, 0.5], abs=3 / 254)
    assert not found[1].any()


@given(st.sets(st.binary(min_size=16, max_size=16), min_size=1, max_size=20), st.binary(max_size=9))
def test_every_item_is_found_and_no_other(keys: set[bytes], other: bytes) -> None:
    rng = np.random.default_rng(0)
    vectors = {ItemKey(key): rng.normal(size=4).astype(np.float32) for key in keys}
    table = items.read(items.written(BASIS, vectors))
    asked = [*vectors, ItemKey(other.ljust(16, b"\x07"))]
    found, known = table.of(asked)
    assert known.tolist() == [key in vectors for key in asked]
    for key, vector in zip(asked, found, strict=True):
        if key in vectors:
            assert np.abs(vector - vectors[key]).max() <= table.scale / 2 + 1e-6


def test_another_sign_is_another_basis() -> None:
    axes = np.eye(4, dtype=np.float32)
    flipped = axes.copy()
    flipped[2] *= -1
    assert items.basis_of(axes) != items.basis_of(flipped)
    assert items.basis_of(axes) != items.basis_of(axes.reshape(2, 8))


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_and_never_raise(data: bytes) -> None:
    assert flaw(data) is Ground.VECTORS
    assert flaw(items.MAGIC + data) is Ground.VECTORS


def test_what_is_too_short_too_long_unsorted_or_without_scale_is_refused() -> None:
    assert all(flaw(DATA[:end]) for end in range(len(DATA)))
    assert flaw(DATA + b"\0") is Ground.VECTORS
    assert flaw(DATA[:50] + DATA[66:82] + DATA[50:66] + DATA[82:]) is Ground.VECTORS
    assert flaw(DATA[:66] + DATA[50:66] + DATA[82:]) is Ground.VECTORS  # one key twice
    for scale in ("7fc00000", "7f800000", "00000000", "bf800000"):  # NaN, infinity, 0, -1
        assert flaw(DATA[:46] + bytes.fromhex(scale) + DATA[50:]) is Ground.VECTORS
    assert flaw(DATA[:-1] + b"\x80") is Ground.VECTORS


def test_who_writes_what_cannot_be_read_is_told() -> None:
    one = np.ones(2, dtype=np.float32)
    with pytest.raises(DataError, match="1 to"):
        items.written(BASIS, {})
    with pytest.raises(DataError, match="finite"):
        items.written(BASIS, {ItemKey(bytes(16)): one * np.float32("inf")})
    with pytest.raises(DataError, match="16 bytes"):
        items.written(BASIS, {ItemKey(b"short"): one})
