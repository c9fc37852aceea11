"""The published model vectors: what another implementation must reproduce, and so must we."""

import hashlib
import json
from typing import Any

import pytest

from p2p.model_exchange import Getting, Giving
from p2p.model_wire import Ask, Chunk, Offer, Want, decode, encode, offer
from tests.p2p.model_vectors import FILE, as_json, made_up, text

VECTORS: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
DATA = made_up(VECTORS["bundle"]["size"])
SAID = offer(DATA, VECTORS["bundle"]["beginning"])


def test_the_file_is_what_its_script_makes() -> None:
    """Made anew by `python -m tests.p2p.model_vectors`, where the protocol was meant to change."""
    assert FILE.read_text(encoding="utf-8") == text()


@pytest.mark.parametrize("vector", VECTORS["frames"], ids=lambda v: v["value"]["type"])
def test_frames_have_these_very_bytes(vector: dict[str, Any]) -> None:
    frame = decode(bytes.fromhex(vector["hex"]))
    assert frame is not None
    assert as_json(frame) == vector["value"]
    assert encode(frame).hex() == vector["hex"]


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda v: v["why"])
def test_these_bytes_are_no_frame(vector: dict[str, str]) -> None:
    assert decode(bytes.fromhex(vector["hex"])) is None


@pytest.mark.parametrize("vector", VECTORS["exchanges"], ids=lambda v: f"have {v['have']}")
def test_each_end_of_a_transcript_makes_sense_of_the_other(vector: dict[str, Any]) -> None:
    giving, getting = Giving(SAID), Getting()
    for one in vector["frames"]:
        if one["from"] == "opener":
            assert isinstance(giving.take(bytes.fromhex(one["hex"])), Ask | Want)
        elif "hex" in one:
            assert one["hex"] == giving.answer().hex()
            assert isinstance(getting.take(bytes.fromhex(one["hex"])), Offer)
            getting.resume(vector["have"])
        else:
            if not getting.waits:
                getting.want()
            at = len(SAID.beginning) + 32_768 * one["chunk"]
            frame = encode(Chunk(one["chunk"], DATA[at : at + SAID.length(one["chunk"])]))
            assert hashlib.sha256(frame).hexdigest() == one["sha256"]
            assert isinstance(getting.take(frame), Chunk)
    assert getting.complete
    assert giving.given == SAID.chunks
