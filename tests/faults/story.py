"""A device's life in a few steps, lived again and again on a disk that fails; and what is left.

Run as a program under the preloaded disk.c it reads one JSON request a line, lives the life in a
child process, and answers how far the child came. See `tests.faults.rig`.
"""

import ctypes
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.web3rec.store.logs import ANN, BOB, JAZZ, MIDNIGHT, ROCK, HandClock, contents, record
from web3rec import Event, Item, Options, Recommender
from web3rec.errors import Web3recError
from web3rec.records import Kind

CLOCK = HandClock()


def opened(directory: Path) -> Recommender:
    return Recommender.open(directory, Options(clock=CLOCK, share_delay_hours=0))


def _hear(rec: Recommender, *signed: Any) -> None:
    rec.log.ingest(signed)


def _expire(rec: Recommender) -> None:
    CLOCK.pass_days(31)
    try:
        rec.log.expire()
    finally:
        CLOCK.pass_days(-31)


STEPS: tuple[tuple[str, Callable[[Recommender], object]], ...] = (
    ("raise the level", lambda rec: rec.share(2)),
    ("describe", lambda rec: rec.add_items([Item("trk:jazz", title="Jazz", tags=("calm",))])),
    ("act", lambda rec: rec.record(Event.LIKE, JAZZ)),
    ("act often", lambda rec: rec.record(Event.LISTEN, ROCK, weight=3)),
    ("trust", lambda rec: rec.trust(ANN.peer, 0.5, name="Ann")),
    ("release", lambda rec: rec.log.release()),
    ("hear", lambda rec: _hear(rec, *(record(ANN, n, item=f"trk:{n}") for n in range(1, 30)))),
    ("hear a retraction", lambda rec: _hear(rec, record(ANN, 40, Kind.RETRACT, "trk:7"))),
    ("hear a fork", lambda rec: _hear(rec, record(BOB, 1), record(BOB, 1, item="trk:x"))),
    ("block", lambda rec: rec.block(BOB.peer)),
    ("reject", lambda rec: rec.record(Event.NOT_INTERESTED, "trk:3")),
    ("forget an item", lambda rec: rec.forget(item=JAZZ)),
    ("release a retraction", lambda rec: rec.log.release()),
    ("expire", _expire),
    ("forget all", lambda rec: rec.forget_all()),
)
"""Each commits once or not at all."""
assert CLOCK.now >= MIDNIGHT * 1000  # what is heard is of today


def left(rec: Recommender) -> str:
    """What a life has left behind, without what chance decided (device byte, sequence numbers)."""
    found: dict[str, Any] = contents(rec.log)
    me = bytes(rec.me)
    found["records"] = sorted(
        [("me" if author == me else author, *rest) for author, *rest in found["records"]],
        key=repr,
    )
    found["tombstones"] = [("me" if by == me else i, x) for i, by, _, x in found["tombstones"]]
    found["tombstones"].sort(key=repr)
    found["level"] = rec.log.level
    return repr(found)


def states(directory: Path) -> list[str]:
    """What is left after opening, and after each step, where nothing fails."""
    rec = opened(directory)
    seen = [left(rec)]
    for _, step in STEPS:
        step(rec)
        seen.append(left(rec))
    rec.close()
    return seen


@dataclass(frozen=True, slots=True)
class Fate:
    """How a life went."""

    acknowledged: int
    """Steps that returned, opening counted as one"""
    killed: bool
    error: str
    """The type of what a step raised; "" if nothing did"""
    typed: bool
    """Whether that was one of our own errors"""
    calls: int
    """Calls to the disk in all; 0 if it was killed"""


def live(directory: Path, told: Callable[[], None], *, go_on: bool, careless: bool) -> str:
    """Open, do all steps, close; the type of the first error. With go_on, later steps are tried.

    `careless`: without waiting for the disk, as we must never do.
    """
    first = ""
    rec = None
    try:
        rec = opened(directory)
        if careless:
            rec.log._db.rows("PRAGMA synchronous=OFF")
        told()
        for _, step in STEPS:
            try:
                step(rec)
            except Web3recError as error:
                first = first or type(error).__name__
                rec.recommend(limit=3)  # whatever the disk does, a list can be had
                if not go_on:
                    break
            else:
                told()
    except Web3recError as error:
        first = first or type(error).__name__
    finally:
        if rec is not None:
            rec.close()
    return first


def _child(disk: ctypes.CDLL, wish: dict[str, Any], out: int) -> None:
    told = 0

    def tell() -> None:
        nonlocal told
        told += 1
        os.write(out, b".")

    disk.arm(
        wish["directory"].encode(), wish["nth"], wish["mode"], wish["error"], int(wish["lose"])
    )
    try:
        error = live(Path(wish["directory"]), tell, go_on=wish["go_on"], careless=wish["careless"])
        os.write(out, json.dumps([error, True, disk.called()]).encode())
    except BaseException as error:  # noqa: BLE001 - reported to the test, which judges it
        os.write(out, json.dumps([f"{type(error).__name__}: {error}", False, 0]).encode())
    os._exit(0)


def _serve() -> None:
    disk = ctypes.CDLL(os.environ["LD_PRELOAD"])
    disk.arm.argtypes = [ctypes.c_char_p, ctypes.c_long, *[ctypes.c_int] * 3]
    disk.called.restype = ctypes.c_long
    for line in sys.stdin:
        wish = json.loads(line)
        hear, tell = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(hear)
            _child(disk, wish, tell)
        os.close(tell)
        with os.fdopen(hear, "rb") as pipe:
            said = pipe.read().decode()
        killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
        dots = len(said) - len(said.lstrip("."))
        error, typed, calls = json.loads(said[dots:]) if said[dots:] else ("", True, 0)
        print(json.dumps([dots, killed, error, typed, calls]), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    _serve()
