"""Daemons that pass models on, and fetch them: in virtual time."""

from pathlib import Path

import numpy as np
import pytest
import trio
from trio.testing import MockClock

from p2p import model_getting, model_wire
from p2p.memory import Network
from p2p.model_wire import Ask, Chunk, decode, encode
from p2p.options import ModelUsed
from tests.p2p.ledgers import listens
from tests.p2p.passing import NEW, OLD, frames, running, until
from tests.p2p.peers import Spy
from tests.p2p.shelves import bundle, device, in_use, said
from tests.web3rec.rerank.bundle.bundles import KEY, STRANGER


@pytest.fixture
def net(rng: np.random.Generator) -> Network:
    return Network(rng, delay=0.02)


async def test_a_pinned_publisher_s_model_travels_and_is_in_use_at_the_other_end(
    net: Network, tmp_path: Path, autojump_clock: MockClock
) -> None:
    ann, bob = device(net, tmp_path, "ann", has=NEW), device(net, tmp_path, "bob", pins=(KEY,))
    async with running(ann, bob):
        assert await until(lambda: in_use(bob) == NEW) < 20
        assert bob.stats.model_used == ModelUsed("toy", 2)
        assert bob.stats.models_fetched == 1
        assert bob.stats.model_draft is None
        assert bob.stats.model_bytes == ann.stats.model_bytes == said(NEW).rest
        assert not bob.stats.offences
        assert sorted(p.name for p in (tmp_path / "bob" / "models").iterdir()) == sorted(
            p.name for p in (tmp_path / "ann" / "models").iterdir()
        )


async def test_what_was_fetched_is_passed_on(
    net: Network, tmp_path: Path, autojump_clock: MockClock
) -> None:
    bob = device(net, tmp_path, "bob", pins=(KEY,))
    ann, cat = device(net, tmp_path, "ann", has=NEW), device(net, tmp_path, "cat", pins=(KEY,))
    async with running(bob, ann):
        await until(lambda: in_use(bob) == NEW)
    async with running(bob, cat):
        await until(lambda: in_use(cat) == NEW)


async def test_X3_who_did_not_pin_asks_nobody_and_fetches_nothing(
    net: Network, tmp_path: Path, autojump_clock: MockClock
) -> None:
    ann = device(net, tmp_path, "ann", has=NEW)
    cat = device(net, tmp_path, "cat", spied=True)
    dan = device(net, tmp_path, "dan", pins=(STRANGER,), spied=True)
    async with running(ann, cat, dan):
        await trio.sleep(100)
        assert in_use(cat) is in_use(dan) is None
        assert isinstance(cat.transport, Spy)
        assert isinstance(dan.transport, Spy)
        assert not cat.transport.wanted
        assert dan.transport.wanted == [encode(Ask())], (
            "it heard the offer and went, without a word of its pin"
        )


async def test_D2_every_frame_of_an_exchange_is_an_ask_or_a_want_and_names_nobody(
    net: Network, tmp_path: Path, autojump_clock: MockClock
) -> None:
    ann = device(net, tmp_path, "ann", has=NEW, spied=True)
    bob = device(net, tmp_path, "bob", pins=(KEY,), spied=True)
    async with running(ann, bob):
        await until(lambda: in_use(bob) == NEW)
        assert isinstance(ann.transport, Spy)
        assert isinstance(bob.transport, Spy)
        assert frames(bob.transport.wanted) == ["Ask", "Want", "Want"]
        assert frames(ann.transport.given) == ["Offer"] + 12 * ["Chunk"]
        assert bytes(KEY.peer) not in b"".join(bob.transport.wanted)


@pytest.mark.parametrize(("giver", "taker"), [(0, 2), (2, 0)])
async def test_D2_at_level_0_nothing_is_passed_on_and_nothing_asked(
    net: Network, tmp_path: Path, autojump_clock: MockClock, giver: int, taker: int
) -> None:
    ann = device(net, tmp_path, "ann", has=NEW, level=giver, spied=True)
    bob = device(net, tmp_path, "bob", pins=(KEY,), level=taker, spied=True)
    async with running(ann, bob):
        await trio.sleep(150)
        assert in_use(bob) is None
        assert isinstance(ann.transport, Spy)
        assert isinstance(bob.transport, Spy)
        assert frames(bob.transport.wanted) == (["Ask"] if taker else [])
        assert frames(ann.transport.given) == (["Nothing"] if taker else [])


async def test_whoever_does_not_want_it_says_so_in_the_options(
    net: Network, tmp_path: Path, autojump_clock: MockClock
) -> None:
    ann = device(net, tmp_path, "ann", has=NEW, spied=True)
    bob = device(net, tmp_path, "bob", pins=(KEY,), spied=True)
    async with running(ann, bob, fetch_models=False):
        await trio.sleep(100)
        assert isinstance(ann.transport, Spy)
        assert isinstance(bob.transport, Spy)
        assert not frames(bob.transport.wanted + ann.transport.given)


async def test_a_peer_that_knows_no_models_is_not_disturbed(
    net: Network, tmp_path: Path, autojump_clock: MockClock
) -> None:
    ann, bob = device(net, tmp_path, "ann"), device(net, tmp_path, "bob", pins=(KEY,))
    ann.shelf = None
    records = listens("ann", 50)
    ann.ledger.add(records)
    async with running(ann, bob):
        await until(lambda: bob.knows(records))
        await trio.sleep(150)
        assert not ann.stats.offences
        assert not bob.stats.offences
        assert ann.transport.offences == {}
        assert bob.transport.offences == {}


async def test_X3_a_downgrade_is_not_fetched_and_an_upgrade_is(
    net: Network, tmp_path: Path, autojump_clock: MockClock
) -> None:
    ann = device(net, tmp_path, "ann", has=OLD, spied=True)
    bob = device(net, tmp_path, "bob", has=NEW, spied=True)
    async with running(ann, bob):
        assert await until(lambda: in_use(ann) == NEW) < 20
        assert in_use(bob) == NEW
        assert isinstance(bob.transport, Spy)
        assert frames(bob.transport.wanted) == ["Ask"]


async def test_a_model_that_was_removed_or_is_not_in_use_does_not_come_by_itself(
    net: Network, tmp_path: Path, autojump_clock: MockClock
) -> None:
    ann = device(net, tmp_path, "ann", has=NEW)
    bob = device(net, tmp_path, "bob", has=OLD)
    cat = device(net, tmp_path, "cat", pins=(KEY,), has=bundle(1, key=STRANGER, rows=10))
    assert bob.shelf is not None
    bob.shelf.shelf.remove()
    async with running(ann, bob, cat):
        await trio.sleep(120)
        assert in_use(bob) is None
        assert in_use(cat) == bundle(1, key=STRANGER, rows=10)


# -- cut off, and on again ------------------------------------------------------------------------


async def test_cut_midway_it_goes_on_where_it_stopped(
    net: Network, tmp_path: Path, autojump_clock: MockClock
) -> None:
    ann = device(net, tmp_path, "ann", has=NEW, spied=True)
    bob = device(net, tmp_path, "bob", pins=(KEY,))
    async with running(ann, bob):
        await until(lambda: bob.stats.model_bytes >= 5 * model_wire.CHUNK_BYTES)
        net.disconnect("ann", "bob")
        await until(lambda: in_use(bob) == NEW, within=300)
        assert isinstance(ann.transport, Spy)
        sent = [found.number for data in ann.transport.given
                if isinstance(found := decode(data), Chunk)]  # fmt: skip
        assert sorted(set(sent)) == list(range(12))
        assert len(sent) <= 12 + 8, "no more than was on the way is sent again"
        assert bob.stats.model_bytes == said(NEW).rest, "each chunk came once"
        assert not bob.stats.offences


async def test_a_restart_in_between_loses_no_chunk(
    net: Network, tmp_path: Path, autojump_clock: MockClock
) -> None:
    ann, bob = device(net, tmp_path, "ann", has=NEW), device(net, tmp_path, "bob", pins=(KEY,))
    async with running(ann, bob, bytes_per_minute=400_000.0):
        await until(lambda: bob.stats.model_bytes >= 5 * model_wire.CHUNK_BYTES)
        assert bob.stats.model_draft is not None
        assert bob.stats.model_draft.bytes < bob.stats.model_draft.size == len(NEW)
    (draft,) = (tmp_path / "bob" / "models").glob("draft-*")
    here = draft.stat().st_size
    assert here >= 5 * model_wire.CHUNK_BYTES
    again = device(net, tmp_path, "bob", pins=(KEY,))
    async with running(ann, again):
        await until(lambda: in_use(again) == NEW)
        assert again.stats.model_bytes == said(NEW).rest - here
    assert not list((tmp_path / "bob" / "models").glob("draft-*"))


async def test_any_of_several_brings_what_is_missing(
    net: Network, tmp_path: Path, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_getting, "ASK_SECONDS", 60.0)
    ann, cat = device(net, tmp_path, "ann", has=NEW), device(net, tmp_path, "cat", has=NEW)
    bob = device(net, tmp_path, "bob", pins=(KEY,))
    async with running(bob, ann, cat, bytes_per_minute=400_000.0):
        await until(lambda: bob.stats.model_bytes >= 3 * model_wire.CHUNK_BYTES)
        ann.ledger.level = cat.ledger.level = 0
        await trio.sleep(30)
        assert in_use(bob) is None
        cat.ledger.level = 2
        await until(lambda: in_use(bob) == NEW, within=200)
        assert bob.stats.model_bytes == said(NEW).rest


async def test_Y5_a_slow_budget_makes_it_wait_and_records_go_on(
    net: Network, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """480 kB a minute, half at once: what is left of 380 kB takes half a minute."""
    ann, bob = device(net, tmp_path, "ann", has=NEW), device(net, tmp_path, "bob", pins=(KEY,))
    async with running(ann, bob, bytes_per_minute=480_000.0):
        took = await until(lambda: in_use(bob) == NEW)
        assert took > 30
        assert ann.stats.model_bytes < 240_000 + 4_000 * took
        assert not ann.stats.offences
        assert not bob.stats.offences
