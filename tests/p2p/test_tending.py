"""Room is given out anew when trust changes, at once when the level does; who is nearby."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trio
import trio.testing

from p2p import tending
from p2p.acquaintances import Acquaintances
from p2p.errors import NodeError
from p2p.mdns import SERVICE, txt_of
from p2p.options import NodeOptions
from p2p.tending import APPORTION_SECONDS, HIDE_SECONDS, apportion, discover, learn
from p2p.threaded_ledger import ThreadedLedger
from tests.p2p.ledgers import FakeLedger
from tests.p2p.places import ME, peer
from tests.web3rec.devices import device
from tests.web3rec.store.logs import ANN
from web3rec import Recommender
from web3rec.errors import Closed, DataError, ReadOnly
from web3rec.store import Log


@dataclass
class Owner:
    """A recommender whose apportioning is noted, and fails on command."""

    rec: Recommender
    asked: list[float] = field(default_factory=list)
    gave: list[bool] = field(default_factory=list)
    looked: list[float] = field(default_factory=list)
    learnt: int = 0
    broken: Exception | None = None

    @property
    def log(self) -> Log:
        return self.rec.log

    @property
    def path(self) -> Path:
        return self.rec.path

    def apportion(self) -> object | None:
        self.asked.append(trio.current_time())
        if self.broken is not None:
            raise self.broken
        given = self.rec.apportion()
        self.gave.append(given is not None)
        return given

    @property
    def may_learn(self) -> bool:
        self.looked.append(trio.current_time())
        return True

    def learn(self) -> object:
        self.learnt += 1
        if self.broken is not None:
            raise self.broken
        return self.rec.learn()


pytestmark = pytest.mark.usefixtures("inline")


@pytest.mark.slow
async def test_room_is_given_out_at_once_then_once_a_minute_at_most(
    autojump_clock: trio.testing.MockClock, tmp_path: Path
) -> None:
    with device(tmp_path) as rec:
        owner = Owner(rec)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(apportion, owner, ThreadedLedger(rec.log))
            await trio.sleep(500)
            assert len(owner.asked) == 1, "nothing changed"
            for _ in range(20):
                rec.trust(ANN.peer, 0.5)
                await trio.sleep(1)
            assert len(owner.asked) == 2, "long ago: at once"
            await trio.sleep(500)
            assert [b - a for a, b in zip(owner.asked[1:], owner.asked[2:], strict=False)] == [
                APPORTION_SECONDS
            ]
            nursery.cancel_scope.cancel()


async def test_a_change_of_level_gives_it_out_at_once(
    autojump_clock: trio.testing.MockClock, tmp_path: Path
) -> None:
    """What private trust had room for is shown to nobody before it was given out anew."""
    with device(tmp_path) as rec:
        rec.share(0)
        rec.trust(ANN.peer, 1.0)
        owner = Owner(rec)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(apportion, owner, ThreadedLedger(rec.log))
            await trio.sleep(1)
            rec.share(1)
            await trio.sleep(0.1)
            assert len(owner.asked) == 2
            rec.share(0)
            await trio.sleep(0.1)
            assert len(owner.asked) == 3
            nursery.cancel_scope.cancel()
        assert owner.gave == [True, True, True], "by other trust each time"


async def test_a_disk_that_is_full_is_no_reason_to_stop(
    autojump_clock: trio.testing.MockClock, tmp_path: Path
) -> None:
    with device(tmp_path) as rec:
        owner = Owner(rec, broken=ReadOnly("no room"))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(apportion, owner, ThreadedLedger(rec.log))
            await trio.sleep(1)
            owner.broken = None
            rec.trust(ANN.peer, 0.5)
            await trio.sleep(APPORTION_SECONDS + 1)
            assert owner.gave == [True]
            nursery.cancel_scope.cancel()


async def test_what_is_no_trouble_of_a_disk_surfaces_and_no_listener_is_left(
    autojump_clock: trio.testing.MockClock, tmp_path: Path
) -> None:
    with device(tmp_path) as rec:
        with pytest.raises(Closed):
            await apportion(Owner(rec, broken=Closed("closed")), ThreadedLedger(rec.log))
        assert not rec.log._listeners


# -- the local network ----------------------------------------------------------------------------


@dataclass
class FakeResponder:
    """The local network, as a list of what was said there."""

    said: list[str] = field(default_factory=list)
    heard: Callable[[str, bytes], None] | None = None
    conflicts: int = 0
    """How often somebody there will say that the name is taken"""

    def browse(self, heard: Callable[[str, bytes], None]) -> None:
        self.heard = heard

    def announce(self, name: str, port: int, txt: bytes) -> None:
        if self.conflicts:
            self.conflicts -= 1
            raise NodeError("somebody else has this name")
        self.said.append(f"announce {port}")

    def hush(self) -> None:
        if self.said and self.said[-1] != "hush":
            self.said.append("hush")

    def close(self) -> None:
        self.said.append("close")


@dataclass
class Placed:
    """As much of a transport as `discover` looks at."""

    name: str = ME
    addresses: tuple[str, ...] = (f"/ip4/192.168.1.5/tcp/4001/p2p/{ME}",)


@pytest.mark.slow
async def test_D1_at_level_0_and_in_private_nothing_is_announced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But others are found all the same, and only ever those of this network."""
    responder = FakeResponder()
    monkeypatch.setattr(tending, "_responder", lambda: responder)
    monkeypatch.setattr(tending, "HIDE_SECONDS", HIDE_SECONDS / 250)
    peers = Acquaintances(FakeLedger("me").judge, peer(0), NodeOptions())
    there = f"/ip4/192.168.1.9/tcp/4001/p2p/{peer(9)}"
    far = f"/ip4/8.8.8.8/tcp/4001/p2p/{peer(8)}"

    async def until(what: list[str]) -> None:
        with trio.fail_after(10):
            while responder.said != what:  # noqa: ASYNC110 - said in another thread
                await trio.sleep(0.01)

    with device(tmp_path) as rec:
        rec.share(0)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(discover, rec, Placed(), peers)
            with trio.fail_after(10):
                while responder.heard is None:  # noqa: ASYNC110
                    await trio.sleep(0.01)
            responder.heard(f"x.{SERVICE}", txt_of([there, far]))
            await trio.sleep(0.1)
            assert [entry.address.text for entry in peers.book] == [there]
            assert responder.said == []
            rec.share(1)
            await until(["announce 4001"])
            rec.private_session = True
            await until(["announce 4001", "hush"])
            rec.private_session = False
            await until(["announce 4001", "hush", "announce 4001"])
            nursery.cancel_scope.cancel()
        assert responder.said[-1] == "close"


@pytest.mark.slow
async def test_somebody_nearby_who_claims_every_name_does_not_stop_the_node(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again under another name, and others are heard meanwhile."""
    responder = FakeResponder(conflicts=3)
    monkeypatch.setattr(tending, "_responder", lambda: responder)
    monkeypatch.setattr(tending, "HIDE_SECONDS", HIDE_SECONDS / 250)
    peers = Acquaintances(FakeLedger("me").judge, peer(0), NodeOptions())
    with device(tmp_path) as rec:
        rec.share(1)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(discover, rec, Placed(), peers)
            with trio.fail_after(10):
                while responder.said != ["announce 4001"]:  # noqa: ASYNC110
                    await trio.sleep(0.01)
            nursery.cancel_scope.cancel()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker thread for what is learnt either."""

    async def run(work: Callable[[], object], *, abandon_on_cancel: bool) -> object:
        assert abandon_on_cancel, "a node that leaves does not wait for it"
        await trio.lowlevel.checkpoint()
        return work()

    monkeypatch.setattr(trio.to_thread, "run_sync", run)


@pytest.mark.usefixtures("at_once")
async def test_it_may_learn_once_a_minute_and_trouble_is_no_reason_to_stop(
    autojump_clock: trio.testing.MockClock, tmp_path: Path
) -> None:
    with device(tmp_path) as rec:
        owner = Owner(rec)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(learn, owner)
            await trio.sleep(130)
            assert (owner.looked, owner.learnt) == ([60.0, 120.0], 2)
            owner.broken = DataError("the shelf is damaged")
            await trio.sleep(60)
            owner.broken = None
            await trio.sleep(60)
            assert owner.learnt == 4
            nursery.cancel_scope.cancel()


@pytest.mark.usefixtures("at_once")
async def test_nothing_is_learnt_once_the_recommender_is_closed(
    autojump_clock: trio.testing.MockClock, tmp_path: Path
) -> None:
    with device(tmp_path) as rec:
        owner = Owner(rec, broken=Closed("closed"))
        await learn(owner)
        assert owner.learnt == 1


async def test_where_nobody_asks_for_lists_nothing_is_learnt(
    autojump_clock: trio.testing.MockClock, tmp_path: Path
) -> None:
    with device(tmp_path) as rec, trio.move_on_after(200):
        await learn(rec)
    assert not rec.may_learn
