"""A real node with records of its own and of others, and interop/js let loose on it."""

import hashlib
import json
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from p2p import Node, NodeOptions, NodeStatus
from web3rec import Event, Options, Recommender
from web3rec.records import Kind, Record, Signed, SigningKey, judge, seal
from web3rec.records.model import DAY, MAX_LIFETIME
from web3rec.store import Log
from web3rec.types import Millis

JS: Final = Path(__file__).resolve().parents[2] / "interop" / "js"
SECONDS: Final = 180
"""A play that takes longer is ended; alone it takes five."""
AUTHORS, LIKES = 10, 30


@dataclass
class Play:
    """What the script said, step by step, and what the node was like right after."""

    said: dict[str, dict[str, Any]] = field(default_factory=dict)
    shared: dict[str, set[str]] = field(default_factory=dict)
    """Ids, in hex, of all records that may leave."""
    status: dict[str, NodeStatus] = field(default_factory=dict)
    me: str = ""
    live: set[str] = field(default_factory=set)
    """Of the records it has of others."""
    taken_back: str = ""
    returncode: int = -1


def of_others() -> list[Signed]:
    """Thirty likes of each of ten authors; the last of them takes its last like back."""
    today = int(time.time()) // DAY * DAY
    records = []
    for a in range(AUTHORS):
        key = SigningKey.from_seed(hashlib.sha256(b"author %d" % a).digest())
        for i in range(LIKES):
            item = hashlib.sha256(b"item %d %d" % (a, i)).digest()[:16]
            like = Record(key.peer, i + 1, today, today + 30 * DAY, Kind.LIKE, item)
            records.append(seal(like, key))
    end = today + MAX_LIFETIME
    return [*records, seal(Record(key.peer, LIKES + 1, today, end, Kind.RETRACT, item), key)]


def shared(log: Log, including: set[str], seconds: float = 20) -> set[str]:
    """What may leave, as soon as these ids are among it, or at last."""
    pause, deadline = threading.Event(), time.monotonic() + seconds
    while True:
        ids = log.known().ids
        envelopes = log.envelopes(ids[at : at + 16] for at in range(0, len(ids), 16))
        now = Millis(int(time.time() * 1000))
        found = (judge(envelope, now, lambda _id: False).signed for envelope in envelopes)
        hexed = {signed.id.hex() for signed in found if signed}
        if including <= hexed or time.monotonic() > deadline:
            return hexed
        pause.wait(0.05)


def played(node_js: str, path: Path) -> Play:
    """All of interop.js against a node over libp2p on loopback, in a directory of its own."""
    play = Play()
    *likes, retraction = of_others()
    play.live = {signed.id.hex() for signed in (*likes[:-1], retraction)}
    play.taken_back = likes[-1].id.hex()
    options = NodeOptions(flush_interval=0.1, sync_gap=0)
    with Recommender.open(path, Options(share_delay_hours=0)) as rec:
        rec.log.level = 2
        rec.log.ingest([*likes, retraction])
        play.me = rec.me.hex()
        for i in range(5):
            rec.record(Event.LIKE, f"trk:{i}")
        with Node(rec, options) as node:
            command = [node_js, "interop.js", node.status().addresses[0]]
            script = subprocess.Popen(command, cwd=JS, stdout=subprocess.PIPE, text=True)
            end = threading.Timer(SECONDS, script.kill)
            end.start()
            with script:
                for line in script.stdout or ():
                    said = json.loads(line)
                    _answer(said["step"], said, play, rec, node)
            end.cancel()
            play.returncode = script.returncode
    return play


def _answer(step: str, said: dict[str, Any], play: Play, rec: Recommender, node: Node) -> None:
    """Do what the script waits for, and write down how things are."""
    play.said[step] = said
    if step == "listening":
        rec.record(Event.LIKE, "trk:heard")
    if step == "serving":
        node.catch_up()
        return
    new = {said[name] for name in ("id", "pushed") if name in said}
    if step == "served":
        new = {play.said["serving"]["id"]}
    play.shared[step] = shared(rec.log, new)
    play.status[step] = node.status()
