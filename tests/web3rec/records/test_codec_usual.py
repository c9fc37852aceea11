"""The quick way of reading usual records: it reads only what the library reads, and the same."""

import dag_cbor
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from web3rec.records import Kind
from web3rec.records.codec import _record, _usual, decode

EDGES = [0, 23, 24, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, 2**64 - 1]
numbers = st.one_of(st.sampled_from(EDGES), st.integers(0, 300), st.integers(0, 2**64 - 1))
bodies = st.fixed_dictionaries(
    {
        "a": st.binary(min_size=32, max_size=32),
        "i": st.one_of(st.binary(min_size=16, max_size=16), st.text(max_size=20)),
        "k": st.sampled_from([kind.value for kind in Kind]),
        "n": numbers,
        "t": numbers,
        "v": st.sampled_from([0, 1, 1, 1, 2]),
        "w": st.one_of(numbers, st.integers(-5, 5)),
        "x": numbers,
    }
).map(lambda fields: dag_cbor.encode(dict(fields)))
turns = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=3)


def agrees(data: bytes) -> bool:
    """Whether the quick way read it; fails unless the library then reads the very same."""
    quick = _usual(data)
    if quick is None:
        return False
    fields = dag_cbor.decode(data)
    assert isinstance(fields, dict)
    assert dag_cbor.encode(fields) == data
    assert _record(fields) == quick
    return True


@given(bodies, turns, st.integers(-1, 1))
def test_R1_what_the_quick_way_reads_the_library_reads_the_same(
    body: bytes, turned: list[tuple[int, int]], grown: int
) -> None:
    data = bytearray(body)
    for at, value in turned:
        data[at % len(data)] = value
    agrees(bytes(data[:grown]) if grown < 0 else bytes(data) + bytes(grown))


@given(bodies)
def test_what_is_usual_goes_the_quick_way(body: bytes) -> None:
    fields = dag_cbor.decode(body)
    assert isinstance(fields, dict)
    weight = fields["w"]
    assert isinstance(weight, int)
    usual = isinstance(fields["i"], bytes) and fields["v"] == 1 and weight >= 0
    assert agrees(body) == (usual and fields["k"] != "item")


@pytest.mark.parametrize("long_form", [b"\x18\x17", b"\x19\x00\xff", b"\x1a\x00\x00\xff\xff"])
def test_a_number_in_a_longer_form_than_it_needs_is_not_usual_and_not_legal(
    long_form: bytes,
) -> None:
    head = b"\xa8aaX " + bytes(32) + b"aiP" + bytes(16) + b"akdlike"
    tail = b"at\x01av\x01aw\x01ax\x02"
    assert _usual(head + b"an\x05" + tail) is not None
    assert _usual(head + b"an" + long_form + tail) is None
    assert isinstance(decode(head + b"an" + long_form + tail), str)


@pytest.mark.nightly
def test_R1_a_hundred_thousand_mutations_of_usual_records(rng: np.random.Generator) -> None:
    models = [
        dag_cbor.encode(
            {
                "a": bytes(32),
                "i": bytes(16),
                "k": kind.value,
                "n": n,
                "t": 5,
                "v": 1,
                "w": 1,
                "x": 9,
            }
        )
        for kind in Kind
        for n in EDGES
    ]
    read = 0
    for turn in range(100_000):
        mutant = bytearray(models[turn % len(models)])
        for _ in range(int(rng.integers(1, 4))):
            at = int(rng.integers(0, len(mutant)))
            mutant[at : at + int(rng.integers(0, 3))] = rng.bytes(int(rng.integers(0, 3)))
        read += agrees(bytes(mutant))
    assert read
