"""The published sync vectors: what another implementation must reproduce, and so must we."""

import json
from typing import Any

import pytest

from p2p.holdings import Holdings
from p2p.sync import Brought, Heard, Session, Step, Terms
from p2p.sync_wire import decode, encode
from tests.p2p.ends import Element
from tests.p2p.sync_vectors import FILE, as_json, numbered, text
from web3rec.records import judge
from web3rec.types import Verdict

VECTORS: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))


def test_the_file_is_what_its_script_makes() -> None:
    """Made anew by `python -m tests.p2p.sync_vectors`, where the protocol was meant to change."""
    assert FILE.read_text(encoding="utf-8") == text()


@pytest.mark.parametrize("vector", VECTORS["frames"], ids=lambda v: v["hex"][:12])
def test_frames_have_these_very_bytes(vector: dict[str, Any]) -> None:
    frame = decode(bytes.fromhex(vector["hex"]))
    assert frame is not None
    assert as_json(frame) == vector["value"]
    assert encode(frame).hex() == vector["hex"]


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda v: v["why"])
def test_these_bytes_are_no_frame(vector: dict[str, str]) -> None:
    assert decode(bytes.fromhex(vector["hex"])) is None


def held(end: dict[str, Any]) -> set[Element]:
    if "numbered" in end:
        return {numbered(i) for first, last in end["numbered"] for i in range(first, last)}
    raw = [bytes.fromhex(one) for one in end["elements"]]
    return {(int.from_bytes(one[:4], "big"), one[4:]) for one in raw}


@pytest.mark.parametrize("who", ["opener", "server"])
@pytest.mark.parametrize("vector", VECTORS["sessions"], ids=lambda v: v["name"])
def test_each_end_of_a_transcript_makes_sense_of_the_other(
    vector: dict[str, Any], who: str
) -> None:
    """Told the other's frames, an end gets just these records and comes to its proper end."""
    end = vector[who]
    terms = Terms(serves=end["serves"], take=end["take"])
    salt = bytes.fromhex(end["salt"])
    session = Session(Holdings.of(held(end)), terms, salt, opener=who == "opener")
    given = {bytes.fromhex(f["hex"]) for f in vector["frames"] if f["from"] == who}
    got: list[str] = []
    if who == "opener":
        assert session.hello() in given
    for frame in vector["frames"]:
        if frame["from"] == who:
            continue
        step = session.take(bytes.fromhex(frame["hex"]))
        assert isinstance(step, Step | Brought | Heard)
        if isinstance(step, Brought):
            got += [one.hex() for one in step.envelopes]
        if step is Step.SPEAK:
            assert set(session.turn()) <= given
            if session.last:
                session.farewell()
    assert got == end["gets"]
    assert session.over


def test_the_signed_records_are_acceptable() -> None:
    vector = VECTORS["sessions"][0]
    for envelope in vector["envelopes"]:
        judgement = judge(bytes.fromhex(envelope), vector["now"], lambda _id: False)
        assert judgement.verdict is Verdict.ACCEPT
    assert vector["opener"]["gets"][0] == vector["envelopes"][4]  # the retraction goes first
