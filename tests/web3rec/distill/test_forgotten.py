"""The list of whom a publisher was asked to forget: met again it is known, read it names nobody."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web3rec.distill.forgotten import NOTHING, Kind, entry, read
from web3rec.errors import DataError, ParamError

KEY = bytes(range(32))


def test_an_entry_by_hand() -> None:
    """HMAC of kind and id is the salt; sha256 of it and the id, after the domain, the entry."""
    found = NOTHING.with_([(Kind.PERSON, "Ann")], KEY, 2)
    salt = hmac.digest(KEY, b"person\0Ann", "sha256")
    wanted = hashlib.sha256(b"web3rec-forgotten-v1\0" + salt + b"Ann").digest()
    assert found.entries == {wanted}
    assert entry(found.salt(Kind.PERSON, "Ann"), "Ann") == wanted
    assert found.commitment == hashlib.sha256(wanted).digest()
    assert found.person("Ann")
    assert not found.item("Ann"), "an item of that name is another"


@given(st.sets(st.text(), max_size=8), st.text())
def test_who_is_on_it_is_known_and_nobody_else(names: set[str], other: str) -> None:
    found = NOTHING.with_([(Kind.PERSON, one) for one in names], KEY, 2)
    assert all(map(found.person, names))
    assert found.person(other) == (other in names)
    assert read(found.written()) == found


def test_U3_it_names_nobody_and_another_key_gives_other_entries() -> None:
    wish = [(Kind.PERSON, "Annabella"), (Kind.ITEM, "trk:12345")]
    found = NOTHING.with_(wish, KEY, 2)
    assert b"Annabella" not in found.written()
    assert b"12345" not in found.written()
    assert not found.entries & NOTHING.with_(wish, bytes(32), 2).entries


def test_the_order_of_wishes_does_not_matter_to_the_commitment() -> None:
    a, b = (Kind.PERSON, "a"), (Kind.ITEM, "b")
    one = NOTHING.with_([a], KEY, 2).with_([b], bytes(32), 3)
    two = NOTHING.with_([b, a], KEY, 5)
    assert one.commitment == two.commitment
    assert NOTHING.commitment is None


def test_X3_the_version_rises_or_nothing_happens() -> None:
    found = NOTHING.with_([(Kind.PERSON, "a")], KEY, 7)
    for version in (7, 1):
        with pytest.raises(ParamError, match="above 7"):
            found.with_([(Kind.PERSON, "b")], KEY, version)
    with pytest.raises(ParamError, match="32 bytes"):
        NOTHING.with_([(Kind.PERSON, "b")], b"short", 2)


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{}", b'{"key": "", "entries": [], "version": 1}', b"\xff", b'{"key": 1}']
    + [b'{"key": "%s", "entries": ["00"], "version": 1}' % (b"00" * 32)]
    + [b'{"key": "%s", "entries": [], "version": %s}' % (b"00" * 32, v) for v in (b"0", b"true")],
)
def test_a_damaged_list_is_an_error_and_never_an_empty_list(data: bytes) -> None:
    with pytest.raises(DataError, match="learnt from again"):
        read(data)
