"""Makes tests/vectors/model.json, what another language checks how it passes models on against.

    python -m tests.p2p.model_vectors        # writes the file anew

A test makes the same in memory and compares.
"""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from p2p.model_exchange import Getting, Giving
from p2p.model_wire import (
    CHUNK_BYTES,
    Ask,
    Chunk,
    Frame,
    Nothing,
    Offer,
    Want,
    decode,
    encode,
    offer,
)

FILE: Final = Path(__file__).parents[1] / "vectors" / "model.json"
ABOUT: Final = (
    "Models 1, see docs/protocol.md. Bytes are in hex. `bundle` is no bundle: byte i of it is byte "
    "i mod 32 of sha256(i div 32 as u32), and its first `beginning` bytes stand for head and "
    "manifest. In `exchange` a chunk is written as its number and the sha256 of its whole frame; "
    "`have` is how many chunks the opener had kept of an earlier one."
)
SIZE: Final = 9 * CHUNK_BYTES + 1_234
BEGINNING: Final = 234

Json = dict[str, Any]


def made_up(size: int) -> bytes:
    """The bytes of the bundle that is none."""
    blocks = (hashlib.sha256(n.to_bytes(4, "big")).digest() for n in range(-(-size // 32)))
    return b"".join(blocks)[:size]


def as_json(frame: Frame) -> Json:
    """A frame's value."""
    match frame:
        case Ask():
            return {"type": "ask"}
        case Offer(size, beginning, hashes):
            said = [hashes[at : at + 32].hex() for at in range(0, len(hashes), 32)]
            return {"type": "offer", "size": size, "beginning": beginning.hex(), "hashes": said}
        case Nothing():
            return {"type": "nothing"}
        case Want(first, count):
            return {"type": "want", "first": first, "count": count}
        case Chunk(number, data):
            return {"type": "chunk", "number": number, "data": data.hex()}


def frames() -> list[Json]:
    small = offer(made_up(40), 8)
    said: list[Frame] = [Ask(), small, Nothing(), Want(0, 8), Want(258, 1), Chunk(258, b"z")]
    return [{"value": as_json(one), "hex": encode(one).hex()} for one in said]


def refused() -> list[Json]:
    one = hashlib.sha256(b"x").hexdigest()
    rows = {
        "empty": "",
        "another version": "0201",
        "no such type": "0106",
        "something behind an ask": "010100",
        "something behind nothing": "010300",
        "a want of no chunk": "0104000000",
        "a want of nine chunks": "0104000009",
        "a want cut off": "01040000",
        "a chunk without bytes": "01050000",
        "an offer without a beginning": "0102000000040000" + one,
        "an offer of a beginning alone": "0102000000030003616263",
        "an offer cut off inside its beginning": "01020000000700036162",
        "an offer with a hash too many": "0102000000070003616263" + 2 * one,
        "an offer with a hash too few": "0102000100070003616263" + one,
        "an offer of more than 8 MiB": "0102008000010003616263" + 257 * one,
    }
    for why, text in rows.items():
        if decode(bytes.fromhex(text)) is not None:
            raise ValueError(f"{why}: is a frame")
    return [{"why": why, "hex": text} for why, text in rows.items()]


def exchange(have: int) -> Json:
    """All frames of an exchange that goes on where an earlier one had stopped."""
    data = made_up(SIZE)
    said = offer(data, BEGINNING)
    giving, getting, told = Giving(said), Getting(), list[Json]()
    told.append({"from": "opener", "hex": getting.ask().hex()})
    giving.take(getting.ask())
    told.append({"from": "server", "hex": giving.answer().hex()})
    getting.take(giving.answer())
    getting.resume(have)
    while not getting.complete:
        want = getting.want()
        giving.take(encode(want))
        told.append({"from": "opener", "hex": encode(want).hex()})
        for number in range(want.first, want.first + want.count):
            at = BEGINNING + CHUNK_BYTES * number
            frame = encode(Chunk(number, data[at : at + said.length(number)]))
            getting.take(frame)
            digest = hashlib.sha256(frame).hexdigest()
            told.append({"from": "server", "chunk": number, "sha256": digest})
    return {"have": have, "frames": told}


def text() -> str:
    """The file."""
    document = {
        "about": ABOUT,
        "frames": frames(),
        "refused": refused(),
        "bundle": {"size": SIZE, "beginning": BEGINNING},
        "exchanges": [exchange(0), exchange(7)],
    }
    return json.dumps(document, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
