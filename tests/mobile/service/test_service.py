"""The service by its looks and callers: stand by, take over, yield, end. Its door is real."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mobile import json_file
from mobile.net_policy import TRAFFIC
from mobile.platform_.fake import FakePlatform
from mobile.preferences import Preferences, save
from mobile.service import budget
from mobile.service.budget import ServiceParams
from mobile.service.door import Door
from mobile.service.holding import Hold, Holding
from mobile.service.knock import Knock
from mobile.service.main import GRACE, RETRY, Service
from mobile.service.turns import Turn
from p2p.errors import NodeError
from tests.mobile.service.presences import PATIENCE, FakeStore
from web3rec.errors import PassphraseError

pytestmark = pytest.mark.network


@dataclass
class Scene:
    """A service, its surroundings, and an app that can knock."""

    folder: Path
    platform: FakePlatform
    store: FakeStore
    door: Door
    holding: Holding
    service: Service
    app: Knock

    def look(self, *, hold: Hold | None = None) -> Turn:
        """Hear what was asked, look, and wait for the store to be so."""
        for _ in range(3):  # let in, read, read the end
            self.service.hear(0.0)
        turn = self.service.look()
        if hold is not None:
            self.store.wait(self.holding, hold)
        return turn

    def alone(self) -> None:
        """The app was never seen, and will not be."""
        self.platform.pass_time(GRACE)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    save(tmp_path, Preferences(background=True))
    platform, store = FakePlatform(tmp_path), FakeStore()
    with contextlib.closing(Door(tmp_path)) as door:

        def changed() -> None:
            door.ring()
            store.changed()

        holding = Holding(store.open, changed)
        params = ServiceParams(most=3_600, claim=60, round=300, interval=1_800)
        service = Service(tmp_path, platform, door, holding, params)
        app = Knock(tmp_path)
        yield Scene(tmp_path, platform, store, door, holding, service, app)
        app.close()
        store.closing.set()
        holding.end()
        store.wait(holding, Hold.FREE)


def test_it_stands_by_while_the_app_is_in_front(scene: Scene) -> None:
    scene.app.attend()
    for _ in range(5):
        assert scene.look() is Turn.STAND_BY
        scene.platform.pass_time(3_600)
    assert scene.store.tries == 0
    assert budget.spent_today(scene.folder, scene.platform.now()) == ""


def test_it_gives_the_app_time_to_knock_when_it_is_new(scene: Scene) -> None:
    assert scene.look() is Turn.STAND_BY
    scene.platform.pass_time(GRACE - 1)
    assert scene.look() is Turn.STAND_BY
    scene.platform.pass_time(1)
    assert scene.look(hold=Hold.HELD) is Turn.WORK


@pytest.mark.parametrize("way", ["take", "killed"])
def test_it_takes_over_when_the_app_lets_go_or_is_killed(scene: Scene, way: str) -> None:
    scene.app.attend()
    assert scene.look() is Turn.STAND_BY
    if way == "take":
        scene.app.take()
    else:
        assert scene.app._line is not None
        scene.app._line.close()
    assert scene.look(hold=Hold.HELD) is Turn.WORK


def test_it_yields_and_says_so_when_the_store_is_free_not_before(scene: Scene) -> None:
    scene.alone()
    scene.look(hold=Hold.HELD)
    scene.store.closing.clear()
    yielded = threading.Event()

    def resume() -> None:
        assert scene.app.yielded(PATIENCE)
        assert scene.store.held == 0
        yielded.set()

    app = threading.Thread(target=resume)
    app.start()
    while scene.look() is not Turn.STAND_BY:
        scene.service.hear(PATIENCE)  # until the app knocks
    scene.store.wait(scene.holding, Hold.CLOSING)
    scene.look()
    assert not yielded.is_set()
    scene.store.closing.set()
    scene.store.wait(scene.holding, Hold.FREE)
    scene.look()
    app.join(PATIENCE)
    assert yielded.is_set()


def test_a_store_the_app_has_not_let_go_of_is_tried_again_but_not_at_once(scene: Scene) -> None:
    scene.store.locked = True
    scene.alone()
    scene.look()
    scene.store.wait(scene.holding, Hold.FREE, tries=1)
    scene.look()
    assert scene.store.tries == 1
    scene.platform.pass_time(RETRY)
    scene.store.locked = False
    assert scene.look(hold=Hold.HELD) is Turn.WORK


def test_a_round_ends_and_the_store_is_free_between_rounds(scene: Scene) -> None:
    scene.alone()
    scene.look(hold=Hold.HELD)
    scene.platform.pass_time(300)
    assert scene.look(hold=Hold.FREE) is Turn.REST
    scene.platform.pass_time(1_500)
    assert scene.look(hold=Hold.HELD) is Turn.WORK


def test_it_ends_when_its_time_is_used_up_and_a_kill_gives_none_back(scene: Scene) -> None:
    scene.alone()
    looks = 0
    while scene.look() is not Turn.END:
        scene.platform.pass_time(60)
        looks += 1
    assert looks == 60
    again = Service(scene.folder, scene.platform, scene.door, scene.holding, scene.service._params)
    scene.platform.pass_time(GRACE)
    assert again.look() is Turn.END
    scene.platform.set_clock(10 * 86_400.0)
    assert again.look() is Turn.END


def test_time_that_cannot_be_written_down_is_not_used(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(budget, "save", full)
    scene.alone()
    assert scene.look() is Turn.END
    assert scene.store.tries == 0


@pytest.mark.parametrize("what", ["airplane", "metered", "bytes"])
def test_it_holds_nothing_while_the_network_is_forbidden(scene: Scene, what: str) -> None:
    scene.alone()
    scene.look(hold=Hold.HELD)
    scene.platform.in_airplane = what == "airplane"
    scene.platform.link = "metered" if what == "metered" else "unmetered"
    scene.store.bytes = 50_000_000 if what == "bytes" else 0
    scene.look()  # counts the bytes
    assert scene.look(hold=Hold.FREE) is Turn.REST


def test_its_bytes_count_for_the_day_that_the_app_counts_on(scene: Scene) -> None:
    scene.alone()
    scene.look(hold=Hold.HELD)
    scene.store.bytes = 1_000
    scene.look()
    scene.store.bytes = 1_500
    scene.look()
    assert json_file.read(scene.folder / TRAFFIC)["spent"] == 1_500


@pytest.mark.parametrize("chosen", [Preferences(), Preferences(background=True, network_on=False)])
def test_switched_off_it_ends(scene: Scene, chosen: Preferences) -> None:
    scene.app.attend()
    save(scene.folder, chosen)
    assert scene.look() is Turn.END


def test_without_a_network_the_round_is_over(scene: Scene) -> None:
    scene.store.no_network = NodeError("no network")
    scene.alone()
    scene.look()
    scene.store.wait(scene.holding, Hold.FREE, tries=1)
    scene.platform.pass_time(RETRY)
    assert scene.look() is Turn.REST


def test_a_store_that_cannot_be_opened_at_all_ends_it(scene: Scene) -> None:
    scene.store.broken = PassphraseError("a passphrase is needed")
    scene.alone()
    scene.look()
    scene.store.wait(scene.holding, Hold.FREE, tries=1)
    assert scene.look() is Turn.END


@pytest.mark.parametrize("way", ["caller", "signal"])
def test_told_to_end_it_frees_the_store_first(scene: Scene, way: str) -> None:
    scene.alone()
    scene.look(hold=Hold.HELD)
    running = threading.Thread(target=scene.service.run)
    running.start()
    if way == "caller":
        scene.app.stop()
    else:
        scene.service.end()
    running.join(PATIENCE)
    assert not running.is_alive()
    assert (scene.holding.state, scene.store.held) == (Hold.FREE, 0)


def test_a_node_that_does_not_end_does_not_keep_it_alive(scene: Scene) -> None:
    scene.alone()
    scene.look(hold=Hold.HELD)
    scene.store.closing.clear()
    scene.service.end()
    ticks = iter([0.0, 0.0, 0.0, 9.0])
    scene.service.run(clock=lambda: next(ticks))
    assert scene.store.held == 1
    scene.store.wait(scene.holding, Hold.CLOSING)


def test_it_says_what_it_is_doing(scene: Scene) -> None:
    running = threading.Thread(target=scene.service.run)
    running.start()
    said = scene.app.status(PATIENCE)
    scene.app.stop()
    running.join(PATIENCE)
    assert said == {
        "ok": True, "turn": "standing by", "store": "free",
        "why_not": "", "spent": 0, "most": 3_600,
    }  # fmt: skip


def test_what_nobody_understands_is_answered_no(scene: Scene) -> None:
    running = threading.Thread(target=scene.service.run)
    running.start()
    said = scene.app._asked("sing", PATIENCE)
    scene.app.stop()
    running.join(PATIENCE)
    assert said == {"ok": False}
