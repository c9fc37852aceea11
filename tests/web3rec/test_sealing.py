"""Bytes under a passphrase: whole or refused, and a refusal tells nothing."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web3rec.devices import ME, device, items
from tests.web3rec.store.logs import contents
from web3rec import DataError, Event, Incompatible, KeyFileError, Options, ParamError
from web3rec.errors import PassphraseError, Web3recError
from web3rec.identity import KEY_FILE, author_key
from web3rec.records import SigningKey, holder_of
from web3rec.sealing import (
    MAGIC,
    MAX_PASSPHRASE,
    USUAL,
    Cost,
    checked_passphrase,
    is_sealed,
    opened,
    parsed,
    sealed,
)

CHEAP = Cost(memory=8, rounds=1, lanes=1)
WORD = "open sesame"
ONE = sealed(b"content", WORD, b"test", shown=b"seen by all", cost=CHEAP)


def unsealed(data: bytes, word: str = WORD, purpose: bytes = b"test") -> bytes:
    return opened(parsed(data, "it"), word, purpose, "it")


@given(st.binary(max_size=300), st.text(min_size=1, max_size=20), st.binary(max_size=40))
def test_what_was_sealed_opens(content: bytes, word: str, shown: bytes) -> None:
    data = sealed(content, word, b"test", shown=shown, cost=CHEAP)
    assert is_sealed(data)
    assert parsed(data, "it").shown == shown
    assert unsealed(data, word) == content
    assert len(content) < 8 or content not in parsed(data, "it").content


def test_the_layout_is_what_the_protocol_says() -> None:
    """docs/protocol.md, byte by byte, around a salt and a nonce of chance."""
    assert re.fullmatch(
        rb"W3RSEAL\x01\x04test\x00\x00\x00\x08\x00\x00\x00\x01\x01.{16}.{12}\x0bseen by all.{23}",
        ONE,
        re.DOTALL,
    )


def test_two_sealings_have_nothing_in_common_but_the_frame() -> None:
    other = sealed(b"content", WORD, b"test", shown=b"seen by all", cost=CHEAP)
    assert parsed(other, "").salt != parsed(ONE, "").salt
    assert parsed(other, "").content != parsed(ONE, "").content


_COST_AT = range(ONE.index(b"\x04test") + 5, ONE.index(b"\x04test") + 14)
"""Where an alteration costs the one who tries it up to 1 GiB; `test_a_file_cannot…` looks there."""


@settings(max_examples=150)
@given(
    st.integers(0, len(ONE) - 1).filter(lambda at: at not in _COST_AT),
    st.integers(1, 255),
)
def test_no_byte_can_be_altered_unnoticed(at: int, by: int) -> None:
    data = bytearray(ONE)
    data[at] ^= by
    with pytest.raises((DataError, PassphraseError, Incompatible)):
        unsealed(bytes(data))


@pytest.mark.parametrize("length", range(len(ONE)))
def test_cut_short_it_is_refused(length: int) -> None:
    with pytest.raises((DataError, PassphraseError)):
        unsealed(ONE[:length])


def test_more_bytes_are_refused() -> None:
    with pytest.raises(PassphraseError):
        unsealed(ONE + b"x")


def test_a_wrong_word_and_an_altered_file_cannot_be_told_apart() -> None:
    with pytest.raises(PassphraseError) as wrong:
        unsealed(ONE, "open barley")
    with pytest.raises(PassphraseError) as altered:
        unsealed(ONE[:-1] + bytes([ONE[-1] ^ 1]))
    assert str(wrong.value) == str(altered.value)
    assert wrong.value.__cause__ is None


def test_it_opens_for_its_purpose_only() -> None:
    with pytest.raises(DataError, match="not as key"):
        unsealed(ONE, purpose=b"key")


def test_a_newer_version_says_upgrade() -> None:
    with pytest.raises(Incompatible, match="upgrade"):
        parsed(MAGIC + b"\x02" + ONE[8:], "it")


def test_a_file_cannot_ask_for_endless_work() -> None:
    at = ONE.index(b"\x04test") + 5
    for cost in ("ffffffff 00000001 01", "00000008 ffffffff 01", "00000008 00000001 00"):
        asked = bytes.fromhex(cost)
        with pytest.raises(DataError, match="damaged"):
            parsed(ONE[:at] + asked + ONE[at + 9 :], "it")


def test_accents_typed_in_two_ways_are_one_passphrase() -> None:
    assert unsealed(sealed(b"x", "cafe\u0301", b"test", cost=CHEAP), "caf\u00e9") == b"x"


@pytest.mark.parametrize("word", ["", "x" * (MAX_PASSPHRASE + 1), "\ud800", 7, None, b"bytes"])
def test_an_impossible_passphrase_is_not_repeated_in_the_error(word: object) -> None:
    with pytest.raises(ParamError) as error:
        checked_passphrase(word)
    assert "xxx" not in str(error.value)
    assert "7" not in str(error.value).split("got")[-1]


def test_the_usual_cost_is_that_of_rfc_9106() -> None:
    assert (USUAL.memory, USUAL.rounds, USUAL.lanes) == (65_536, 3, 4)
    for wrong in ({"lanes": 0}, {"rounds": 17}, {"memory": 8}):
        with pytest.raises(ParamError):
            Cost(**wrong)


# -- key files ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_protected_key_shows_whose_it_is_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "key"
    ME.save(path, WORD)
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"PRIVATE" not in path.read_bytes()
    assert holder_of(path) == ME.peer
    assert SigningKey.load(path, WORD).peer == ME.peer
    assert SigningKey.load(path, lambda: WORD).sign(b"m") == ME.sign(b"m")
    with pytest.raises(PassphraseError, match="WEB3REC_PASSPHRASE_FILE"):
        SigningKey.load(path)
    with pytest.raises(PassphraseError, match="wrong"):
        SigningKey.load(path, "open barley")
    ME.save_over(path)
    assert SigningKey.load(path, _never_asked).peer == ME.peer


def _never_asked() -> str:
    raise AssertionError("this key needs no passphrase")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_key_file_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    ME.save(tmp_path / "key")
    (tmp_path / "key").chmod(mode)
    for use in (SigningKey.load, holder_of):
        with pytest.raises(KeyFileError, match="chmod 600"):
            use(tmp_path / "key")


@pytest.mark.slow
def test_damaged_protected_keys_say_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "key"
    ME.save(path, WORD)
    whole = path.read_bytes()
    for data in (whole[:40], MAGIC, sealed(b"x", WORD, b"export", cost=CHEAP)):
        path.write_bytes(data)
        with pytest.raises(KeyFileError, match="backup"):
            SigningKey.load(path, WORD)
    path.write_bytes(whole[:60])
    with pytest.raises((PassphraseError, KeyFileError)):
        SigningKey.load(path, WORD)


@pytest.mark.slow
def test_a_text_protects_a_new_key_from_the_first(tmp_path: Path) -> None:
    key = author_key(tmp_path, read_only=False, passphrase=WORD)
    assert is_sealed((tmp_path / KEY_FILE).read_bytes())
    assert author_key(tmp_path, read_only=True, passphrase=WORD).peer == key.peer


def test_options_do_not_show_the_passphrase() -> None:
    assert WORD not in repr(Options(passphrase=WORD))
    with pytest.raises(ParamError, match="passphrase"):
        Options(passphrase=7)  # type: ignore[arg-type]


# -- exports --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_sealed_export_comes_in_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "me.sealed"
    with device(tmp_path / "a") as rec:
        rec.add_items(items())
        rec.share(1)
        rec.record(Event.LIKE, "trk:1", at=rec.options.clock())
        with rec.private():
            rec.record(Event.LIKE, "trk:2")
        rec.withhold(tag="tag0")
        rec.withhold(item="trk:7")
        assert rec.export(file, passphrase=WORD) == 2
    whole = file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"Track" not in whole
    with device(tmp_path / "b") as rec:
        rec.share(3)
        empty = contents(rec.log)
        for damaged in (whole[:-1], whole[:50], whole[:-9] + b"\0" + whole[-8:], MAGIC):
            file.write_bytes(damaged)
            with pytest.raises(Web3recError) as error:
                rec.import_(file, passphrase=WORD)
            assert isinstance(error.value, DataError | PassphraseError)
        file.write_bytes(whole)
        with pytest.raises(PassphraseError, match="sealed"):
            rec.import_(file)
        with pytest.raises(PassphraseError, match="wrong"):
            rec.import_(file, passphrase=WORD.upper())
        assert contents(rec.log) == empty
        assert rec.import_(file, passphrase=WORD) == 2
        assert rec.import_(file, passphrase=WORD) == 0
        withheld = rec.log.withheld()
        assert (withheld.items, withheld.tags) == (("trk:7",), ("tag0",))
        assert len(rec.log.outbox()) == 1  # the private one is private here, too
        assert rec.export(tmp_path / "plain") == 2
