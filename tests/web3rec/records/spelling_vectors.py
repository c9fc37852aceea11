"""Makes tests/vectors/spelling.json, what another language checks its spelling of URIs against.

    python -m tests.web3rec.records.spelling_vectors        # writes the file anew

A test makes the same in memory and compares, whatever the Unicode of the Python it runs on.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import dag_cbor

from tests.strategies import KEYS, NOW, TODAY
from web3rec.records.characters import known_ranges
from web3rec.records.envelope import DOMAIN, wrap
from web3rec.records.model import DAY, MAX_LIFETIME, Kind, Record, canonical_uri, item_key
from web3rec.records.rules import judge

FILE: Final = Path(__file__).parents[2] / "vectors" / "spelling.json"
ABOUT: Final = (
    "How URIs are spelled, see docs/protocol.md, Body. `characters`: those a URI in a record may "
    "hold, ranges in hex. `spellings`: what an app says, and its canonical form and key. `judged`: "
    "envelopes about the `uri` as it stands, judged at `now` (unix milliseconds)."
)
KEY: Final = KEYS[0]
LIKE: Final = Record(KEY.peer, 1, TODAY * DAY, (TODAY + 30) * DAY, Kind.LIKE, "")

SPELLINGS: Final = {
    "decomposed": "trk:Cafe\u0301",
    "a capital beyond ASCII stays": "\xc5lbum:x",
    "the dotted capital I stays": "\u0130D:x",
    "the sign for kelvin is a K to NFC": "\u212a:x",
    "a letter with a caron as a small one only": "J\u030c:x",
    "only before the first colon": "TRK:A:B",
    "no colon": "Blue Train",
    "ideographic space around": "\u3000trk:1\u3000",
    "no-break space and next line around": "\xa0\x85trk:1",
    "a byte order mark is no white space": "\ufefftrk:1",
    "nor is the Mongolian vowel separator": "\u180etrk:1",
    "nor is the information separator": "\x1ctrk:1",
}
JUDGED: Final = {
    "composed": "trk:Caf\xe9",
    "a capital beyond ASCII": "\xc5lbum:x",
    "a byte order mark": "\ufefftrk:1",
    "private use": "trk:\ue000",
    "an emoji of Unicode 14": "trk:\U0001fae0",
    "ASCII, capital scheme": "TRK:1",
    "ASCII, space in front": " trk:1",
    "ASCII, space behind": "trk:1 ",
    "next line in front": "\x85trk:1",
    "65 characters, not canonical": "TRK:" + "\xe9" * 61,
    "decomposed": "trk:Cafe\u0301",
    "capital scheme": "TRK:\xe9",
    "space in front": " trk:\xe9",
    "no-break space behind": "trk:1\xa0",
    "ideographic space in front": "\u3000trk:1",
    "the sign for kelvin": "\u212a:x",
    "marks out of order": "trk:e\u0301\u0316",
    "a capital of Unicode 16": "\ua7cb:x",
    "a mark of Unicode 17": "trk:e\u1acf",
    "an emoji of Unicode 15": "trk:\U0001fae8",
    "a character of no version": "trk:\ufffe",
    "a character not assigned yet": "trk:\u0378",
}


def written(record: Record, **changes: Any) -> bytes:
    """A well-signed envelope, its body in order or not."""
    fields: dict[str, Any] = {
        "v": 1, "a": record.author, "n": record.n, "t": record.t, "x": record.x,
        "k": record.kind.value, "i": record.item, "w": record.weight,
    }  # fmt: skip
    body = dag_cbor.encode({**fields, **changes})
    return wrap(body, KEY.sign(DOMAIN + body))


def _judged(name: str, uri: str, envelope: bytes) -> dict[str, Any]:
    found = judge(envelope, NOW, lambda _id: False)
    return {
        "name": name,
        "uri": uri,
        "envelope": envelope.hex(),
        "verdict": found.verdict.value,
        "flaw": found.flaw and found.flaw.value,
    }


def vectors() -> dict[str, Any]:
    """All of the file."""
    gone = replace(LIKE, kind=Kind.RETRACT, x=LIKE.t + MAX_LIFETIME)
    bad = "trk:Cafe\u0301"
    others = {
        "a retraction": written(replace(gone, item=bad)),
        "illegal as well": written(replace(LIKE, item=bad), w=9),
        "behind it a rule is broken": written(replace(LIKE, item=bad, kind=Kind.ITEM)),
        "from the future as well": written(replace(LIKE, item=bad, t=LIKE.t + 9 * DAY)),
    }
    return {
        "about": ABOUT,
        "now": NOW,
        "characters": " ".join(f"{first:x}-{last:x}" for first, last in known_ranges()),
        "spellings": [
            {"name": name, "text": text, "canonical": uri, "key": item_key(uri).hex()}
            for name, text in SPELLINGS.items()
            for uri in [canonical_uri(text)]
        ],
        "judged": [
            *(_judged(name, uri, written(replace(LIKE, item=uri))) for name, uri in JUDGED.items()),
            *(_judged(name, bad, envelope) for name, envelope in others.items()),
        ],
    }


def as_text() -> str:
    """The file as it is written."""
    return json.dumps(vectors(), indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(as_text(), encoding="utf-8")
