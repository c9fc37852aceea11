"""The lifecycle above the real bridge and a real store: what a pause keeps, who has the store."""

from pathlib import Path

import pytest

from mobile import lifecycle
from mobile.lifecycle import Lifecycle
from mobile.platform_.fake import FakePlatform
from mobile.preferences import Preferences
from tests.mobile.bridged import PATIENCE, Rig, rig
from tests.web3rec.devices import device

pytestmark = pytest.mark.slow


class ServiceInPlace:
    """Takes the store when the app lets go, and looks at what is in it."""

    def __init__(self, app: Rig) -> None:
        self.app = app
        self.seen: list[tuple[str, str]] = []

    def attend(self) -> None:
        return

    def take(self) -> None:
        with device(self.app.path, self.app.clock) as rec:  # AlreadyOpen if it was not let go
            self.seen += [(str(act[0]), str(act[1])) for act in rec.log.history()]

    def stop(self) -> None:
        return


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is claimed is the order of things; how long they take is measured elsewhere."""
    monkeypatch.setattr(lifecycle, "FLUSH_SECONDS", PATIENCE)
    monkeypatch.setattr(lifecycle, "LET_GO_SECONDS", PATIENCE)


def lived(app: Rig, folder: Path, preferences: Preferences) -> tuple[Lifecycle, ServiceInPlace]:
    service = ServiceInPlace(app)
    life = Lifecycle(app.bridge, FakePlatform(folder), folder, preferences, service=service)
    life.start()
    app.settle()
    return life, service


def test_a_pause_keeps_every_tap_and_hands_the_store_to_the_service(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        life, service = lived(app, tmp_path, Preferences(background=True))
        assert app.nodes[0].state == "running"
        liked = app.shown()[:3]
        for item in liked:
            app.bridge.like(item)
        assert life.pause()
        assert app.nodes[0].state == "closed"
        assert {(item, "like") for item in liked} <= set(service.seen)
        life.resume()
        app.settle()
        assert len(app.recs) == 2
        assert app.nodes[1].state == "running"


def test_by_default_a_pause_keeps_every_tap_and_the_store(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        life, service = lived(app, tmp_path, Preferences())
        item = app.shown()[0]
        app.bridge.like(item)
        assert life.pause()
        with device(tmp_path, app.clock, read_only=True) as reader:
            assert (item, "like") in [act[:2] for act in reader.log.history()]
        app.settle()
        assert app.nodes[0].state == "paused"
        life.resume()
        app.settle()
        assert (len(app.recs), service.seen) == (1, [])
        assert app.nodes[0].state == "running"


def test_airplane_mode_is_shown_and_left_again(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        phone = FakePlatform(tmp_path)
        life = Lifecycle(app.bridge, phone, tmp_path, Preferences())
        life.start()
        app.settle()
        phone.in_airplane = True
        life.look()
        assert app.settle().network.detail.lower().startswith("airplane mode")
        assert app.nodes[0].state == "paused"
        phone.in_airplane = False
        life.look()
        app.settle()
        assert app.nodes[0].state == "running"


def test_a_person_who_asks_ends_the_rest(tmp_path: Path) -> None:
    asked: list[Lifecycle] = []

    def ask() -> None:
        asked[0].ask()

    with rig(tmp_path, ask_network=ask) as app:
        phone = FakePlatform(tmp_path, is_charging=False)
        asked.append(Lifecycle(app.bridge, phone, tmp_path, Preferences()))
        asked[0].start()
        app.settle()
        phone.pass_time(300)
        asked[0].look()
        assert "resting" in app.settle().network.detail.lower()
        app.bridge.catch_up()
        app.settle()
        assert app.nodes[0].state == "running"
