"""A desk does all acts in order, the last of each renewal, and survives whatever they raise."""

import threading
from collections.abc import Iterator
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobile.desk import Desk

PATIENCE: Final = 60.0


@pytest.fixture
def errors() -> list[Exception]:
    return []


@pytest.fixture
def desk(errors: list[Exception]) -> Iterator[Desk]:
    made = Desk("desk under test", errors.append)
    yield made
    assert made.close(PATIENCE)


def held(desk: Desk) -> threading.Event:
    """Keep the desk busy until the event is set; it is at it when this returns."""
    began, gate = threading.Event(), threading.Event()

    def job() -> None:
        began.set()
        gate.wait(PATIENCE)

    desk.ask(job)
    assert began.wait(PATIENCE)
    return gate


def test_acts_are_done_in_order_and_renewals_after_them_the_last_of_each_name(desk: Desk) -> None:
    done: list[str] = []
    gate = held(desk)
    desk.renew("list", lambda: done.append("old list"))
    desk.ask(lambda: done.append("first"))
    desk.renew("people", lambda: done.append("people"))
    desk.renew("list", lambda: done.append("list"))
    desk.ask(lambda: done.append("second"))
    gate.set()
    assert desk.settle(PATIENCE)
    assert done == ["first", "second", "list", "people"]


@given(st.lists(st.sampled_from(["act", "a", "b"]), max_size=12))
def test_every_act_once_in_order_and_each_renewal_once_whatever_comes(wishes: list[str]) -> None:
    desk, done = Desk("desk under test", lambda _error: None), list[tuple[str, int]]()
    gate = held(desk)
    for at, wish in enumerate(wishes):
        ask = desk.ask if wish == "act" else None
        if ask is not None:
            ask(lambda at=at: done.append(("act", at)))  # type: ignore[misc]
        else:
            desk.renew(wish, lambda at=at, wish=wish: done.append((wish, at)))  # type: ignore[misc]
    gate.set()
    assert desk.settle(PATIENCE)
    acts = [("act", at) for at, wish in enumerate(wishes) if wish == "act"]
    last = {wish: at for at, wish in enumerate(wishes) if wish != "act"}
    assert done[: len(acts)] == acts
    assert sorted(done[len(acts) :]) == sorted(last.items())
    assert desk.close(PATIENCE)


def test_what_a_job_raises_is_told_and_the_next_is_done(
    desk: Desk, errors: list[Exception]
) -> None:
    done: list[int] = []
    desk.ask(lambda: done.append(1 // 0))
    desk.renew("x", lambda: done.append(2))
    assert desk.settle(PATIENCE)
    assert done == [2]
    assert [type(error) for error in errors] == [ZeroDivisionError]


def test_a_failure_that_cannot_be_told_does_not_end_the_desk() -> None:
    done: list[int] = []

    def worse(_error: Exception) -> None:
        raise RuntimeError

    desk = Desk("desk under test", worse)
    desk.ask(lambda: done.append(1 // 0))
    desk.ask(lambda: done.append(2))
    assert desk.settle(PATIENCE)
    assert done == [2]
    assert desk.close(PATIENCE)


def test_closing_does_the_acts_that_wait_and_leaves_the_renewals(desk: Desk) -> None:
    done: list[str] = []
    gate = held(desk)
    desk.ask(lambda: done.append("act"))
    desk.renew("list", lambda: done.append("list"))
    closer = threading.Thread(target=lambda: desk.close(PATIENCE))
    closer.start()
    while desk.ask(lambda: None):  # until it takes nothing more
        pass
    gate.set()
    closer.join(PATIENCE)
    assert done == ["act"]
    assert not desk.renew("list", lambda: None)


def test_settling_for_acts_does_not_wait_for_what_is_only_shown(desk: Desk) -> None:
    began, gate = threading.Event(), threading.Event()

    def slow() -> None:
        began.set()
        gate.wait(PATIENCE)

    desk.renew("list", slow)
    assert began.wait(PATIENCE)
    assert desk.settle(PATIENCE, acts=True)
    assert not desk.settle(0)
    gate.set()
    assert desk.settle(PATIENCE)


def test_a_desk_never_waits_for_itself(desk: Desk) -> None:
    found: list[bool] = []
    desk.ask(lambda: found.append(desk.here))
    desk.ask(lambda: found.append(desk.settle(PATIENCE)))
    assert desk.settle(PATIENCE)
    assert found == [True, False]
    assert not desk.here


def test_a_desk_that_never_worked_has_no_thread() -> None:
    before = threading.active_count()
    desk = Desk("desk under test", lambda _error: None)
    desk.drop("nothing")
    assert desk.settle(0)
    assert threading.active_count() == before
    assert desk.close(0)
