"""Makes tests/vectors/sync.json, what another language checks its sync sessions against.

    python -m tests.p2p.sync_vectors        # writes the file anew

A test makes the same in memory and compares.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np

from p2p.holdings import END, Holdings, Salted, hashes, session_key
from p2p.reconcile import Listing, Part, Range, Skip
from p2p.sync_wire import Done, Frame, Hello, Over, Peers, Ranges, Records, Want, decode, encode
from tests.p2p.ends import Element, End, Told, envelope, talk
from web3rec.records import Kind, Record, Signed, SigningKey, seal
from web3rec.records.model import DAY, MAX_LIFETIME

FILE: Final = Path(__file__).parents[1] / "vectors" / "sync.json"
TODAY: Final = 20_000
KEY: Final = bytes(range(16))
SALTS: Final = (bytes(range(0x10, 0x20)), bytes(range(0x20, 0x30)))
ABOUT: Final = (
    "Sync 1, see docs/protocol.md. Bytes are in hex; an element is day (u32) and id (16 bytes) in "
    "one. How a set is cut into parts is each end's own choice: another implementation need not "
    "send the `frames` of a session, but must end with the same records, must answer them with "
    "sense, and must give back the `frames` of one type byte for byte. `numbered` [first, last] "
    "stands for elements first to last - 1: day 20,000 + number mod 7, id the first 16 bytes of "
    "sha256(number as u32). Where no `envelopes` are given, an element's 20 bytes stand for its "
    "record, and none is a retraction. `gets` is in the order of sending."
)

Json = dict[str, Any]


def numbered(i: int) -> Element:
    """Elements for large sets: any device can make them up."""
    return TODAY + i % 7, hashlib.sha256(i.to_bytes(4, "big")).digest()[:16]


def coded(elements: Iterable[Element]) -> list[str]:
    return [envelope(one).hex() for one in sorted(elements)]


def as_json(frame: Frame) -> Json:  # noqa: PLR0911 - one for each type of frame
    """A frame's value."""
    match frame:
        case Hello(serves, take, salt):
            return {"type": "hello", "serves": serves, "take": take, "salt": salt.hex()}
        case Ranges(ranges):
            return {"type": "ranges", "ranges": [_range(piece) for piece in ranges]}
        case Want(wanted):
            return {"type": "want", "hashes": _eights(wanted)}
        case Records(envelopes):
            return {"type": "records", "envelopes": [one.hex() for one in envelopes]}
        case Peers(addresses):
            return {"type": "peers", "addresses": list(addresses)}
        case Over():
            return {"type": "over"}
        case Done(more):
            return {"type": "done", "more": more}


def _range(piece: Range) -> Json:
    upper = "end" if piece[0] == END else piece[0].hex()
    match piece:
        case Skip():
            return {"mode": "skip", "upper": upper}
        case Part(_, held, total):
            return {"mode": "part", "upper": upper, "held": held, "total": f"{total:016x}"}
        case Listing(_, listed):
            return {"mode": "listing", "upper": upper, "hashes": _eights(listed)}


def _eights(row: bytes) -> list[str]:
    return [row[at : at + 8].hex() for at in range(0, len(row), 8)]


def vectors() -> Json:
    """The whole file."""
    return {
        "about": ABOUT,
        "keys": [
            {"opener": a.hex(), "server": b.hex(), "key": session_key(a, b).hex()}
            for a, b in (SALTS, SALTS[::-1], (bytes(16), bytes(16)))
        ],
        "hashes": [
            {"key": key.hex(), "id": id_.hex(), "hash": f"{int(hashes(id_, key)[0]):016x}"}
            for key, id_ in (
                (KEY, bytes.fromhex("00112233445566778899aabbccddeeff")),  # FIPS 197, C.1
                (KEY, numbered(0)[1]),
                (session_key(*SALTS), numbered(0)[1]),
            )
        ],
        "fingerprints": [_fingerprint(count, key) for count in (0, 1, 2, 300) for key in _keys()],
        "bounds": _bounds(),
        "frames": [{"hex": encode(frame).hex(), "value": as_json(frame)} for frame in _frames()],
        "refused": REFUSED,
        "sessions": [_small(), _large(), _quiet()],
    }


def _keys() -> tuple[bytes, bytes]:
    return KEY, session_key(*SALTS)


def _fingerprint(count: int, key: bytes) -> Json:
    held = {numbered(i) for i in range(count)}
    said = Salted.of(Holdings.of(held), key).fingerprint(0, count)
    made: Json = {"key": key.hex(), "held": said.held, "total": f"{said.total:016x}"}
    return made | ({"elements": coded(held)} if count < 10 else {"numbered": [[0, count]]})


def _bounds() -> list[Json]:
    """The shortest bound between neighbours."""
    pairs = [
        ((TODAY, b"\1" * 16), (TODAY, b"\1" * 15 + b"\2")),
        ((TODAY, b"\xff" * 16), (TODAY + 1, bytes(16))),
        ((TODAY, b"\1\xff" + bytes(14)), (TODAY, b"\2" + bytes(15))),
        ((TODAY, b"\5" + bytes(15)), (TODAY, b"\5" + bytes(14) + b"\1")),
    ]
    return [
        {
            "below": envelope(low).hex(),
            "above": envelope(high).hex(),
            "bound": Holdings.of({low, high}).cuts(np.array([1]))[0].hex(),
        }
        for low, high in pairs
    ]


def _frames() -> list[Frame]:
    one, two = bytes(7) + b"\1", b"\xfe" + bytes(6) + b"\2"
    day, next_day = TODAY.to_bytes(4, "big"), (TODAY + 1).to_bytes(4, "big")
    return [
        Hello(True, 5000, SALTS[0]),
        Hello(False, 0, SALTS[1]),
        Ranges((Listing(END, b""),)),
        Ranges((Part(END, 2**32 - 1, 2**64 - 1),)),
        Ranges(
            (
                Skip(day),
                Part(day + b"\x80", 300, 7),
                Listing(day + b"\x80\1\0\1", one + two),
                Skip(next_day),
                Listing(next_day + b"\1" * 16, b""),
                Part(END, 127, 1),
            )
        ),
        Want(two + one),
        Records((b"abc", b"z")),
        Peers(("/ip4/192.0.2.1/tcp/4001", "ä")),
        Over(),
        Done(more=False),
        Done(more=True),
    ]


REFUSED: Final = [
    {"hex": "", "why": "empty"},
    {"hex": "0206", "why": "another version"},
    {"hex": "0100", "why": "no such type"},
    {"hex": "0108", "why": "no such type"},
    {"hex": "010600", "why": "something behind it"},
    {"hex": "010702", "why": "a flag is 0 or 1"},
    {"hex": "0101021388" + "00" * 16, "why": "an unknown flag"},
    {"hex": "0101001389" + "00" * 16, "why": "takes more than 5,000"},
    {"hex": "0102", "why": "no range"},
    {"hex": "01020000", "why": "ends in a skip"},
    {"hex": "010200010500010640 0000".replace(" ", ""), "why": "a skip behind a skip"},
    {"hex": "0102600000", "why": "no such mode"},
    {"hex": "0102400000400000", "why": "something behind the end of all"},
    {"hex": "0102410000", "why": "shares a byte with nothing"},
    {"hex": "01024002050000", "why": "a bound that ends in a zero"},
    {"hex": "0102400105004001 0500".replace(" ", ""), "why": "a bound that does not rise"},
    {"hex": "0102400205050040020506 00".replace(" ", ""), "why": "shares more than it says"},
    {"hex": "01024015" + "05" * 21 + "00", "why": "a bound of 21 bytes"},
    {"hex": "010240008000", "why": "0 in two bytes"},
    {"hex": "01024000ffffffff10", "why": "2^32 elements"},
    {"hex": "0102400001" + "00" * 7, "why": "seven bytes of a hash"},
    {"hex": "0103", "why": "wants nothing"},
    {"hex": "010300", "why": "wants an eighth of a hash"},
    {"hex": "010400", "why": "no record"},
    {"hex": "0104010281" + "00" * 641, "why": "an envelope of 641 bytes"},
    {"hex": "010401000161" + "61", "why": "something behind the last envelope"},
    {"hex": "0105010001ff", "why": "no UTF-8"},
]


def _signed() -> list[Signed]:
    """Four likes and a retraction of something nobody holds any more."""
    key = SigningKey.from_seed(b"\1" * 32)
    t = TODAY * DAY
    likes = [
        Record(author=key.peer, n=i, t=t, x=t + 30 * DAY, kind=Kind.LIKE, item=bytes([i]) * 16)
        for i in range(1, 5)
    ]
    taken_back = Record(
        author=key.peer, n=5, t=t, x=t + MAX_LIFETIME, kind=Kind.RETRACT, item=b"\x09" * 16
    )
    return [seal(record, key) for record in (*likes, taken_back)]


class _Giving(End):
    """An end that gives real envelopes, retractions first."""

    def envelopes(self, ids: Iterable[bytes]) -> tuple[bytes, ...]:
        wanted = set(ids)
        given = [one for one in _signed() if one.id[:16] in wanted]
        given.sort(key=lambda one: one.record.kind is not Kind.RETRACT)
        return tuple(one.envelope for one in given)

    def took(self, step: object) -> None:
        """Its elements are not read out of the envelopes here."""


def _small() -> Json:
    """Signed records: one end lacks two (a retraction among them), the other one; one is shared."""
    records = _signed()
    elements = [(one.record.x // DAY, one.id[:16]) for one in records]
    one = _Giving({elements[0], elements[1]}, addresses=("/ip4/192.0.2.1/tcp/4001",))
    other = _Giving({elements[1], elements[2], elements[4]})
    made = _session("signed records", one, other, lambda: talk(one, other, salts=SALTS))
    return made | {"now": TODAY * DAY * 1000, "envelopes": [e.envelope.hex() for e in records]}


def _large() -> Json:
    """3,000 in common: fingerprints of parts, of parts of parts, lists."""
    common = {numbered(i) for i in range(3_000)}
    one = End(common | {numbered(i) for i in range(3_000, 3_005)})
    other = End(common | {numbered(i) for i in range(3_005, 3_012)})
    made = _session("a few of many", one, other, lambda: talk(one, other, salts=SALTS))
    made["opener"]["numbered"] = [[0, 3_005]]
    made["server"]["numbered"] = [[0, 3_000], [3_005, 3_012]]
    return made


def _quiet() -> Json:
    """The opener serves nothing and takes two; so the server keeps the rest for another time."""
    one = End({numbered(1)}, addresses=("never sent",))
    other = End({numbered(i) for i in range(2, 6)}, addresses=("/dns4/peer.example/tcp/1",))
    made = _session(
        "level 0, and little room",
        one,
        other,
        lambda: talk(one, other, salts=SALTS, serves=(False, True), takes=(2, 5000)),
    )
    made["opener"] |= {"serves": False, "take": 2}
    return made


def _session(name: str, one: End, other: End, talked: Callable[[], Told]) -> Json:
    ends: dict[str, Json] = {}
    for who, end, salt in (("opener", one, SALTS[0]), ("server", other, SALTS[1])):
        ends[who] = {"salt": salt.hex(), "serves": True, "take": 5000}
        ends[who] |= {"addresses": list(end.addresses)}
        ends[who] |= {"elements": coded(end.knows)} if len(end.knows) < 100 else {}
    frames = [{"from": who, "hex": data.hex()} for who, data in talked().frames]
    for who, made in ends.items():
        said = [decode(bytes.fromhex(str(f["hex"]))) for f in frames if f["from"] != who]
        got = [e.hex() for f in said if isinstance(f, Records) for e in f.envelopes]
        made["gets"] = got
    return {"name": name, **ends, "frames": frames}


def text() -> str:
    """The file's text."""
    return json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
