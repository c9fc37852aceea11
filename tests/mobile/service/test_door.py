"""The service's door: for this user only, and no bytes do harm. Real Unix sockets."""

import contextlib
import os
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mobile.service import talk
from mobile.service.door import MOST_CALLERS, Door
from mobile.service.place import DOOR, FOLDER, LONGEST, door_at
from p2p.errors import AddressInUse

pytestmark = pytest.mark.network


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def door(store: Path) -> Iterator[Door]:
    with contextlib.closing(Door(store)) as made:
        yield made


def called(store: Path) -> socket.socket:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(10)
    with door_at(store) as path:
        line.connect(str(path))
    return line


def asks(door: Door, rounds: int = 3) -> list[str]:
    """What was asked, by now: what was sent before is heard in as many looks as there are steps."""
    return [ask for _ in range(rounds) for _caller, ask in door.heard(0.0)]


def test_a_caller_is_heard_and_answered(door: Door, store: Path) -> None:
    with called(store) as line:
        line.sendall(talk.line({"ask": "status"}) + talk.line({"ask": "take"}))
        heard = [one for _ in range(2) for one in door.heard(0.0)]
        assert [ask for _caller, ask in heard] == ["status", "take"]
        assert heard[0][0].say(ok=True)
        assert line.recv(100) == b'{"ok":true}\n'


def test_only_its_user_can_open_it(door: Door, store: Path) -> None:
    assert stat.S_IMODE((store / FOLDER).stat().st_mode) == 0o700
    assert stat.S_IMODE((store / FOLDER / DOOR).lstat().st_mode) == 0o600


def test_another_user_is_turned_away(
    door: Door, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    with called(store) as line:
        line.sendall(talk.line({"ask": "stop"}))
        assert asks(door) == []
        assert door.callers == []


def test_a_question_in_pieces_is_one_question(door: Door, store: Path) -> None:
    with called(store) as line:
        for piece in (b'{"as', b'k":"st', b'op"}\n'):
            line.sendall(piece)
            heard = asks(door)
        assert heard == ["stop"]


def test_who_hangs_up_is_no_caller_any_more(door: Door, store: Path) -> None:
    line = called(store)
    asks(door)
    assert len(door.callers) == 1
    caller = door.callers[0]
    line.close()
    asks(door)
    assert door.callers == []
    assert not caller.say(ok=True)


def test_a_line_without_end_is_hung_up_on(door: Door, store: Path) -> None:
    with called(store) as line:
        line.sendall(b"x" * (talk.LONGEST + 1))
        assert asks(door) == []
        assert line.recv(1) == b""


def test_a_crowd_is_turned_away_and_the_app_still_heard(door: Door, store: Path) -> None:
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(called(store))
        crowd = [stack.enter_context(called(store)) for _ in range(2 * MOST_CALLERS)]
        asks(door, rounds=3 * MOST_CALLERS)
        assert len(door.callers) == MOST_CALLERS
        assert crowd[-1].recv(1) == b""
        first.sendall(talk.line({"ask": "yield"}))
        assert asks(door) == ["yield"]


def test_who_does_not_listen_is_found_out(door: Door, store: Path) -> None:
    with called(store):
        asks(door)
        caller = door.callers[0]
        told = 0
        while caller.say(ok=True, filler="x" * 900):
            told += 1
        assert 0 < told < 10_000


@given(data=st.lists(st.binary(max_size=80), max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_raise_or_are_taken_for_a_question(
    door: Door, store: Path, data: list[bytes]
) -> None:
    with called(store) as line, contextlib.suppress(BrokenPipeError):
        for one in data:
            line.sendall(one)
        assert set(asks(door)) <= {""}
    asks(door)
    assert door.callers == []


@pytest.mark.parametrize(
    "line", [b"", b"[]", b'{"ask":["stop"]}', b'{"ask":"Stop"}', b"[" * 900, b"\xff", b'"stop"']
)
def test_what_is_no_question_asks_nothing(line: bytes) -> None:
    assert talk.ask_of(line) == ""


@given(said=st.dictionaries(st.text(max_size=5), st.integers() | st.text() | st.booleans()))
def test_what_is_said_is_one_line_and_heard(said: dict[str, object]) -> None:
    (line,), rest = talk.lines(talk.line(said))
    assert rest == b""
    assert talk.answer_of(line) == said


def test_a_second_service_is_told_that_there_is_one(door: Door, store: Path) -> None:
    with pytest.raises(AddressInUse):
        Door(store)


def test_the_door_of_a_killed_service_is_replaced(store: Path) -> None:
    dead = Door(store)
    dead._door.listening.close()  # as a kill does: the file stays
    with contextlib.closing(Door(store)), called(store):
        assert (store / FOLDER / DOOR).exists()
    dead.close()


def test_a_bell_wakes_it_from_another_thread(door: Door) -> None:
    ringing = threading.Thread(target=door.ring)
    ringing.start()
    assert list(door.heard(60.0)) == []
    ringing.join()


def test_a_deep_folder_has_a_door_all_the_same(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 100) / ("y" * 100)
    deep.mkdir(parents=True)
    with contextlib.closing(Door(deep)) as door, called(deep) as line:
        line.sendall(talk.line({"ask": "status"}))
        assert asks(door) == ["status"]
        assert stat.S_IMODE((deep / FOLDER / DOOR).lstat().st_mode) == 0o600
        with door_at(deep) as path:
            assert len(os.fsencode(path)) <= LONGEST
    assert not (deep / FOLDER / DOOR).exists()
