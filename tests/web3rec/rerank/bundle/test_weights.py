"""weights.npz holds numbers and nothing that runs or unpacks."""

import copy
import io
import pickle
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.rerank.bundle.bundles import ARRAYS, ground, with_files
from web3rec.errors import DataError
from web3rec.rerank.bundle import Ground, weights
from web3rec.rerank.bundle.numpy_backend import steps
from web3rec.rerank.bundle.refusal import Unfit
from web3rec.rerank.bundle.weights import Array

NPZ = weights.written(ARRAYS)


class Bomb:
    """Runs something when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (pytest.fail, ("a pickle was read",))


def zipped(body: bytes, name: str = "0.weight.npy", how: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", how) as archive:
        archive.writestr(name, body)
    return buffer.getvalue()


def npy(array: np.ndarray, header: str | None = None) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    if header is None:
        return buffer.getvalue()
    told = header.ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(told).to_bytes(2, "little") + told.encode() + bytes(64)


def flaw(data: bytes) -> Ground | None:
    try:
        weights.read(data)
    except Unfit as e:
        return e.refusal.ground
    return None


def test_arrays_come_back_as_they_were_written() -> None:
    found = weights.read(NPZ)
    assert set(found) == set(ARRAYS)
    assert all(np.array_equal(found[name], ARRAYS[name]) for name in ARRAYS)
    assert weights.written(dict(reversed(ARRAYS.items()))) == NPZ
    with np.load(io.BytesIO(NPZ), allow_pickle=False) as other:  # the oracle
        assert all(np.array_equal(found[name], other[name]) for name in ARRAYS)


def test_X3_a_pickle_is_refused_unread() -> None:
    boxed = np.empty(1, dtype=object)
    boxed[0] = Bomb()
    for data in (zipped(npy(boxed)), zipped(pickle.dumps(Bomb())), pickle.dumps(Bomb())):
        assert flaw(data) is Ground.WEIGHTS
        assert ground(with_files({"weights.npz": data})) is Ground.WEIGHTS


PLAIN = npy(np.ones(3, dtype=np.float32))
HEADS = (
    "{'descr': '<f4', 'fortran_order': False, 'shape': (999999999999,)}",
    "{'descr': '<f4', 'fortran_order': True, 'shape': (4, 4)}",
    "{'descr': '>f4', 'fortran_order': False, 'shape': (16,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (8,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': ()}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-16,)}",
    "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (16,)}",
    "__import__('os')",
    "(" * 100,
)


@pytest.mark.parametrize("head", HEADS)
def test_X3_a_header_that_says_anything_else_is_refused(head: str) -> None:
    assert flaw(zipped(npy(np.ones(1), head))) is Ground.WEIGHTS


def test_X3_what_is_packed_misnamed_twice_or_not_finite_is_refused() -> None:
    assert flaw(zipped(PLAIN)) is None
    assert flaw(zipped(PLAIN, how=zipfile.ZIP_DEFLATED)) is Ground.WEIGHTS
    assert flaw(zipped(bytes(10**7), how=zipfile.ZIP_DEFLATED)) is Ground.WEIGHTS
    for name in ("../0.weight.npy", "0.weight", "0.secret.npy", "0.weight.npy\n"):
        assert flaw(zipped(PLAIN, name)) is Ground.WEIGHTS
    assert flaw(zipped(npy(np.array([np.nan], dtype=np.float32)))) is Ground.WEIGHTS
    assert flaw(zipped(PLAIN + b"\0")) is Ground.WEIGHTS
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("0.weight.npy", PLAIN)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("0.weight.npy", PLAIN)
    assert flaw(buffer.getvalue()) is Ground.WEIGHTS


@given(st.data())
def test_X3_any_change_is_read_or_refused_and_never_raises(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(NPZ)))
    end = data.draw(st.integers(at, len(NPZ)))
    spoilt = NPZ[:at] + data.draw(st.binary(max_size=8)) + NPZ[end:]
    assert flaw(spoilt) in (None, Ground.WEIGHTS)


def test_X4_more_weights_than_a_small_model_has_are_refused() -> None:
    wide = {"0.weight": (2, 1000), "0.bias": (1000,), "1.weight": (1000, 600), "1.bias": (600,)}
    shapes = {**wide, "2.weight": (600, 1), "2.bias": (1,)}
    arrays: dict[str, Array] = {name: np.ones(s, dtype=np.float32) for name, s in shapes.items()}
    with pytest.raises(Unfit, match="more than 500000 weights"):
        steps(["linear"] * 3, arrays, 2)


def test_X3_arrays_that_share_their_bytes_are_refused() -> None:
    """Both entries of the directory point to the first array."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("0.weight.npy", npy(np.ones(400, dtype=np.float32)))
        for at in range(1, 9):
            twin = copy.copy(archive.filelist[0])
            twin.filename = twin.orig_filename = f"{at}.weight.npy"
            archive.filelist.append(twin)
    assert flaw(buffer.getvalue()) is Ground.WEIGHTS


def test_who_writes_what_cannot_be_read_is_told() -> None:
    with pytest.raises(DataError, match="NaN"):
        weights.written({"0.bias": np.array([np.inf], dtype=np.float32)})
    with pytest.raises(DataError, match="another name"):
        weights.written({"bias": np.zeros(1, dtype=np.float32)})


@pytest.mark.parametrize(
    ("layers", "shapes"),
    [
        (["linear"], {"0.weight": (3, 1), "0.bias": (1,)}),  # reads 3 columns, not 2
        (["linear"], {"0.weight": (2, 1), "0.bias": (2,)}),
        (["linear"], {"0.weight": (2, 2), "0.bias": (2,)}),  # two scores each
        (["linear"], {"0.weight": (2, 1)}),
        (["linear"], {"0.weight": (2,), "0.bias": (1,)}),
        (["linear"], {"0.weight": (2, 1), "0.bias": (1,), "1.bias": (1,)}),
        (["scale"], {"0.weight": (2,), "0.bias": (2,)}),
        (["linear", "linear"], {"0.weight": (2, 4000), "0.bias": (4000,)}),
        (["linear_i8"], {"0.weight": (2, 1), "0.bias": (1,), "0.scale": (1,)}),  # not int8
    ],
)
def test_layers_that_do_not_fit_together_are_refused(
    layers: list[str], shapes: dict[str, tuple[int, ...]]
) -> None:
    arrays: dict[str, Array] = {name: np.ones(s, dtype=np.float32) for name, s in shapes.items()}
    with pytest.raises(Unfit) as told:
        steps(layers, arrays, 2)  # type: ignore[arg-type]
    assert told.value.refusal.ground is Ground.WEIGHTS
