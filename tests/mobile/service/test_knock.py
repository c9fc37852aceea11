"""The app at the door: whatever the service does, the app is never kept waiting for long."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mobile.service.door import Caller, Door
from mobile.service.knock import BETWEEN, Knock, patient
from web3rec.errors import AlreadyOpen

pytestmark = pytest.mark.network
PATIENCE = 30.0


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with contextlib.closing(Door(tmp_path)) as made:
        yield made


@pytest.fixture
def knock(tmp_path: Path) -> Iterator[Knock]:
    made = Knock(tmp_path)
    yield made
    made.close()


def heard(door: Door, count: int) -> list[tuple[Caller, str]]:
    """The next questions."""
    found: list[tuple[Caller, str]] = []
    while len(found) < count:
        found += door.heard(PATIENCE)
    return found


def test_without_a_service_nothing_waits_and_nothing_is_made(knock: Knock, tmp_path: Path) -> None:
    knock.attend()
    assert knock.yielded(PATIENCE)
    assert knock.status(PATIENCE) == {}
    knock.take()
    knock.stop()
    assert list(tmp_path.iterdir()) == []


def test_a_dead_door_is_no_service(tmp_path: Path, knock: Knock) -> None:
    dead = Door(tmp_path)
    dead._door.listening.close()
    assert knock.yielded(PATIENCE)
    knock.attend()
    dead.close()


def test_attending_again_keeps_the_one_connection(door: Door, knock: Knock) -> None:
    knock.attend()
    knock.attend()
    ((caller, ask),) = heard(door, 1)
    caller.say(ok=True)
    knock.attend()
    assert ask == "yield"
    assert list(door.heard(0.0)) == []
    assert door.callers == [caller]


def test_a_service_that_was_restarted_is_attended_anew(tmp_path: Path, knock: Knock) -> None:
    with contextlib.closing(Door(tmp_path)) as first:
        knock.attend()
        heard(first, 1)
    with contextlib.closing(Door(tmp_path)) as second:
        knock.attend()
        assert heard(second, 1)[0][1] == "yield"


def test_it_waits_for_the_answer_that_comes(door: Door, knock: Knock) -> None:
    answers: list[bool] = []
    app = threading.Thread(target=lambda: answers.append(knock.yielded(PATIENCE)))
    app.start()
    ((caller, _ask),) = heard(door, 1)
    assert answers == []
    caller.say(ok=True)
    app.join(PATIENCE)
    assert answers == [True]


def test_while_it_waits_it_is_in_front_without_a_gap(door: Door, knock: Knock) -> None:
    """A new connection is there before the old one ends."""
    knock.attend()
    ((first, _ask),) = heard(door, 1)
    first.in_front = True
    app = threading.Thread(target=lambda: knock.yielded(PATIENCE))
    app.start()
    ((second, ask),) = heard(door, 1)
    assert (ask, second is first) == ("yield", False)
    second.say(ok=True)
    app.join(PATIENCE)


def test_a_pause_wakes_up_who_waits(door: Door, knock: Knock) -> None:
    app = threading.Thread(target=lambda: knock.yielded(PATIENCE))
    app.start()
    heard(door, 1)
    knock.take()
    app.join(PATIENCE)
    assert not app.is_alive()
    assert [ask for _caller, ask in door.heard(PATIENCE)] == ["take"]


def test_a_service_that_dies_meanwhile_is_in_nobodys_way(door: Door, knock: Knock) -> None:
    answers: list[bool] = []
    app = threading.Thread(target=lambda: answers.append(knock.yielded(PATIENCE)))
    app.start()
    heard(door, 1)
    door.close()
    app.join(PATIENCE)
    assert answers == [True]


def test_a_service_that_does_not_answer_is_told(door: Door, knock: Knock) -> None:
    assert not knock.yielded(0.001)


def test_a_service_that_babbles_is_not_understood_and_does_no_harm(
    door: Door, knock: Knock
) -> None:
    answers: list[dict[str, object]] = []
    app = threading.Thread(target=lambda: answers.append(knock.status(PATIENCE)))
    app.start()
    ((caller, _ask),) = heard(door, 1)
    caller.socket.send(b"\xff" * 2_000)
    app.join(PATIENCE)
    assert answers == [{}]


# -- opening the store --------------------------------------------------------------------------


class Locked:
    """A store that is free after so many attempts."""

    def __init__(self, attempts: int) -> None:
        self.left, self.waited = attempts, 0.0

    def open(self) -> str:
        self.left -= 1
        if self.left >= 0:
            raise AlreadyOpen("the service has it")
        return "open"

    def clock(self) -> float:
        return self.waited

    def wait(self, seconds: float) -> None:
        self.waited += seconds


def test_a_store_is_opened_as_soon_as_it_is_free(knock: Knock) -> None:
    locked = Locked(3)
    opened = patient(locked.open, knock, clock=locked.clock, wait=locked.wait)
    assert opened() == "open"
    assert locked.waited == pytest.approx(3 * BETWEEN)


def test_patience_ends_and_says_why(knock: Knock) -> None:
    locked = Locked(10_000)
    opened = patient(locked.open, knock, patience=5, clock=locked.clock, wait=locked.wait)
    with pytest.raises(AlreadyOpen, match="the service has it"):
        opened()
    assert 5 <= locked.waited < 5 + 2 * BETWEEN
