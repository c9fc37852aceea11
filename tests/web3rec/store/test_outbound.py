"""What leaves is what the outbox had announced, to the byte; and what is private changes nothing.

A spy stands where the network would: it takes all that `release`, `since` and `envelopes` give out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import NOW
from tests.web3rec.store.logs import ANN, BOB, CAT, DAY_MS, ME, HandClock, act, open_log, scratch
from web3rec.clock import DAY_S
from web3rec.privacy import unwithhold, withhold
from web3rec.records import Kind, Record
from web3rec.store import Log, key_of, sharing
from web3rec.store.ladder import MAX_LIVE_LISTENS
from web3rec.store.own import told
from web3rec.types import Event, Item, Millis

ITEMS: Final = tuple(f"trk:{n}" for n in range(4))
SECRETS: Final = tuple(f"secret:{n}" for n in range(3))
HOUR: Final = 3_600_000
DELAYS: Final = (5 * HOUR, 0, 23 * HOUR, 11 * HOUR)


@dataclass
class Spied:
    """A log and all that ever left it."""

    log: Log
    clock: HandClock
    seen: list[bytes] = field(default_factory=list)
    announced: set[bytes] = field(default_factory=set)
    allowed: set[tuple[Kind, bytes]] = field(default_factory=set)
    """Kind and subject of all that was done while that was shared"""

    def allow(self, kind: Kind, subject: bytes, item: str = "") -> None:
        """The ladder, read anew: what is being done now may leave some day."""
        listed = self.log.withheld()
        tags = {
            tag for found in self.log.items().values() if found.id == item for tag in found.tags
        }
        hidden = self.log.private or item in listed.items or bool(tags & set(listed.tags))
        needs = {Kind.LISTEN: 2}.get(kind, 1)
        if not hidden and self.log.level >= needs:
            self.allowed.add((kind, subject))

    def look(self) -> tuple[bytes, ...]:
        """The device has a moment on the network."""
        waits = {one.envelope for one in self.log.outbox()}
        ready = sharing.releasable(self.log._db, self.log.level, self.log._clock())
        self.announced |= waits
        out = self.log.release()
        assert out == tuple(one.envelope for one in ready)
        assert set(out) <= waits
        assert {one.envelope for one in self.log.outbox()} == waits - set(out)
        known = self.log.known()
        ids = [known.ids[at : at + 16] for at in range(0, len(known.ids), 16)]
        served = (*self.log.since(0, 10_000).envelopes, *self.log.envelopes(ids))
        self.seen += [*out, *served]
        return out


Deed = tuple[str, int, int]
deeds = st.lists(
    st.tuples(
        st.sampled_from(
            ["act", "act", "act", "trust", "level", "level", "private", "withhold", "retract",
             "tag", "untag", "undo", "forget", "forget peer", "wait", "look"]
        ),
        st.integers(0, 3),
        st.integers(0, 6),
    ),
    max_size=25,
)  # fmt: skip


def do(spied: Spied, deed: Deed) -> None:  # noqa: C901, PLR0912 - a line a word
    what, number, much = deed
    log, item, peer = spied.log, ITEMS[number], (ANN, BOB, CAT, ANN)[number].peer
    match what:
        case "act":
            event = list(Event)[much]
            if not event.is_local:
                spied.allow(Kind(event.value), key_of(item), item)
            log.write_acts([act(item, event, at=spied.clock.now, weight=1 + number)])
        case "trust":
            spied.allow(Kind.TRUST, peer)
            log.write_trust(peer, 1 + much, "")
        case "level":
            log.level = number
        case "private":
            log.private = much % 2 == 0
        case "withhold" | "retract":
            withhold(log, item, None, retract=what == "retract")
        case "tag":
            log.add_items([Item(item, tags=("hush",))])
            withhold(log, None, "hush", retract=much == 0)
        case "untag":
            log.add_items([Item(item)])
        case "undo":
            unwithhold(log, item, None)
        case "forget":
            log.forget_item(key_of(item))
        case "forget peer":
            log.forget_peer(peer)
        case "wait":
            spied.clock.now = Millis(spied.clock.now + much * 4 * HOUR)
        case _:
            spied.look()


@settings(max_examples=60)
@given(deeds)
def test_D2_what_a_spy_sees_is_what_the_outbox_had_announced_byte_for_byte(
    story: Sequence[Deed],
) -> None:
    """At every level, whatever is done in which order.

    And all of it was allowed when it was done: not in private, not at level 0, no listen below 2.
    """
    with scratch() as path:
        clock = HandClock()
        log = open_log(path, clock)
        log.delays = lambda count: tuple(Millis(DELAYS[k % 4]) for k in range(count))
        spied = Spied(log, clock)
        for deed in story:
            before = len(log.known())
            do(spied, deed)
            if deed[0] != "look":
                assert len(log.known()) == before  # nothing leaves but in front of the spy
            if log.level == 0:
                assert log.outbox() == ()
        seen = set(spied.seen)
        assert seen <= spied.announced
        clock.now = Millis(clock.now + DAY_MS)
        spied.look()
        said = [told(one) for one in seen]
        shared = {(one.kind, bytes(one.key)) for one in said if one.kind is not Kind.RETRACT}
        assert shared <= spied.allowed
        assert {one.key for one in said} <= {key for _, key in spied.allowed}  # of retractions, too
        assert all(one.crowded for one in log.outbox())  # nothing was announced in vain
        listed = log.withheld().items
        withheld_now = {key_of(name) for name in listed}
        served = {told(one).key for one in log.since(0, 10_000).envelopes if _about_item(one)}
        assert not served & withheld_now
        log.close()


def _about_item(envelope: bytes) -> bool:
    return told(envelope).kind.is_interaction


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_D2_D3_each_level_lets_out_its_kinds_in_its_form(tmp_path: Path, level: int) -> None:
    """The ladder as docs/privacy.md tells it, read off the bytes."""
    clock = HandClock()
    log = open_log(tmp_path, clock, level=level)
    spied = Spied(log, clock)
    log.write_acts([act(ITEMS[0], event, at=NOW - 77_000) for event in Event])
    log.write_trust(ANN.peer, 8, "Ann")
    log.block(BOB.peer, blocked=True)
    spied.look()
    records = [told(one) for one in set(spied.seen)]
    kinds = {one.kind.value for one in records}
    wanted = [set(), {"like", "share", "collect", "trust"}]
    wanted += [wanted[1] | {"listen"}] * 2
    assert kinds == wanted[level]
    for one in records:
        coarse = level < 3 or one.kind is Kind.TRUST
        assert (one.t % DAY_S == 0) == coarse
        if one.kind.is_interaction:
            assert isinstance(one.item, bytes) == coarse
        assert one.author == ME.peer
    log.close()


@pytest.mark.parametrize("level", [1, 2])
def test_every_record_has_a_delay_of_its_own_and_leaves_alone(tmp_path: Path, level: int) -> None:
    """One evening's acts do not leave at one moment: each when its own delay is over."""
    clock = HandClock()
    log = open_log(tmp_path, clock, level=level)
    log.delays = lambda count: tuple(Millis((1 + 5 * k) * HOUR) for k in range(count))
    log.write_acts([act(item, at=clock.now) for item in ITEMS])
    sizes = []
    for _ in range(24):
        clock.now = Millis(clock.now + HOUR)
        sizes.append(len(log.release()))
    assert max(sizes) == 1
    assert sum(sizes) == len(ITEMS)
    log.close()


def test_the_outbox_says_which_listens_find_no_room(tmp_path: Path) -> None:
    log = open_log(tmp_path, level=2)
    log.write_acts([act(f"trk:{n}", Event.LISTEN) for n in range(MAX_LIVE_LISTENS)])
    assert not any(one.crowded for one in log.outbox())
    log.write_acts([act("trk:more", Event.LISTEN), act("trk:liked")])
    crowded = [told(one.envelope).kind for one in log.outbox() if one.crowded]
    assert crowded == [Kind.LISTEN] * (MAX_LIVE_LISTENS + 1)
    assert len(log.release()) == MAX_LIVE_LISTENS + 1
    (left,) = log.outbox()
    assert left.crowded
    assert told(left.envelope).key == key_of("trk:0")  # the newest went first
    log.close()


# -- D5 -------------------------------------------------------------------------------------------

secrets_ = st.lists(
    st.tuples(
        st.sampled_from(["local", "listen", "private", "private trust", "withheld", "block",
                         "forget", "describe", "name"]),
        st.integers(0, 2),
    ),
    max_size=6,
)  # fmt: skip


def in_secret(log: Log, what: str, number: int) -> None:
    item = SECRETS[number]
    match what:
        case "local":
            local = (Event.SKIP, Event.VIEW, Event.NOT_INTERESTED)[number]
            log.write_acts([act(item, local, batch="b")])
        case "listen":  # at level 1 it is not shared
            log.write_acts([act(item, Event.LISTEN)])
        case "private":
            with log.privately():
                log.write_acts([act(item), act(ITEMS[number])])
        case "private trust":
            with log.privately():
                log.write_trust(CAT.peer, 1 + number, "Cat")
        case "withheld":
            withhold(log, item, None, retract=True)
            log.write_acts([act(item)])
        case "block":
            log.block((ANN, BOB, CAT)[number].peer, blocked=True)
        case "forget":
            log.forget_item(key_of(item))
        case "describe":
            log.add_items([Item(item, "Secret", tags=("hush",))])
        case _:
            withhold(log, None, f"hush {number}", retract=True)


public = st.lists(
    st.tuples(st.sampled_from(["act", "act", "trust", "forget", "wait"]), st.integers(0, 3)),
    min_size=1,
    max_size=6,
)


def outbound(
    path: Path, story: Sequence[tuple[str, int]], secret: Sequence[Sequence[tuple[str, int]]]
) -> list[object]:
    """All that leaves a device while it lives a public story, with secret ones in between."""
    clock = HandClock()
    log = open_log(path, clock, level=1)
    log._device = 7
    log.delays = lambda count: (Millis(3 * HOUR),) * count
    trace: list[object] = []
    for (what, number), hidden in zip(story, secret, strict=True):
        for one in hidden:
            in_secret(log, *one)
        match what:
            case "act":
                log.write_acts([act(ITEMS[number], Event.LIKE, at=clock.now)])
            case "trust":
                log.write_trust((ANN, BOB, ANN, BOB)[number].peer, 1 + number, "")
            case "forget":
                log.forget_item(key_of(ITEMS[number]))
            case _:
                clock.now = Millis(clock.now + number * HOUR)
        known = log.known()
        trace += [log.release(), log.since(0, 10_000), known.days.tolist(), known.ids, log.digest()]
        trace += [tuple((one.envelope, one.due) for one in log.outbox())]
    log.close()
    return trace


@settings(max_examples=40)
@given(public, st.data())
def test_D5_two_private_histories_give_the_same_bytes(
    story: Sequence[tuple[str, int]], data: st.DataObject
) -> None:
    """The same public acts at the same moments, and whatever else in between: nobody can tell."""
    traces = []
    for _ in range(2):
        secret = [data.draw(secrets_) for _ in story]
        with scratch() as path:
            traces.append(outbound(path, story, secret))
    assert traces[0] == traces[1]


def test_D5_a_session_at_level_0_leaves_no_gap_either(tmp_path: Path) -> None:
    numbers: list[list[int]] = []
    for name, private in (("quiet", 0), ("busy", 30)):
        log = open_log(tmp_path / name, level=0)
        log._device = 7
        log.write_acts([act(f"trk:{n}") for n in range(private)])
        log.level = 1
        log.write_acts([act("trk:a"), act("trk:b")])
        records: list[Record] = [told(one) for one in log.release()]
        numbers.append([one.n for one in records])
        log.close()
    assert numbers[0] == numbers[1]
