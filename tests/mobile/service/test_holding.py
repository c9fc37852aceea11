"""The store is held by one, taken and let go of at any moment, and never twice."""

import pytest

from mobile.service.holding import Hold, Holding, is_final
from p2p.errors import NodeError
from tests.mobile.service.presences import FakeStore
from web3rec.errors import CorruptStore, PassphraseError


def test_it_is_taken_and_let_go() -> None:
    store = FakeStore()
    holding = Holding(store.open, store.changed)
    assert holding.state is Hold.FREE
    holding.begin()
    store.wait(holding, Hold.HELD)
    holding.begin()
    store.bytes = 70
    assert holding.traffic() == 70
    holding.end()
    holding.end()
    store.wait(holding, Hold.FREE)
    assert (store.opened, store.held, holding.failure) == (1, 0, None)
    assert holding.traffic() == 70
    store.bytes = 30
    holding.begin()
    store.wait(holding, Hold.HELD)
    assert holding.traffic() == 100
    holding.end()
    store.wait(holding, Hold.FREE)


def test_it_can_be_let_go_while_it_still_joins() -> None:
    store = FakeStore()
    store.joining.clear()
    store.no_network = NodeError("it was closed while it started")
    holding = Holding(store.open, store.changed)
    holding.begin()
    assert holding.state is Hold.OPENING
    holding.end()
    store.wait(holding, Hold.FREE)
    assert (store.held, holding.failure) == (0, None)


def test_while_it_closes_it_is_not_taken_again() -> None:
    store = FakeStore()
    store.closing.clear()
    holding = Holding(store.open, store.changed)
    holding.begin()
    store.wait(holding, Hold.HELD)
    holding.end()
    store.wait(holding, Hold.CLOSING)
    holding.begin()
    store.closing.set()
    store.wait(holding, Hold.FREE)
    assert store.opened == 1


def test_a_store_the_app_still_has_is_no_failure() -> None:
    store = FakeStore(locked=True)
    holding = Holding(store.open, store.changed)
    holding.begin()
    store.wait(holding, Hold.FREE, tries=1)
    assert holding.failure is None
    store.locked = False
    holding.begin()
    store.wait(holding, Hold.HELD)
    holding.end()
    store.wait(holding, Hold.FREE)


def test_without_a_network_the_store_is_free_again() -> None:
    store = FakeStore(no_network=NodeError("no network"))
    holding = Holding(store.open, store.changed)
    holding.begin()
    store.wait(holding, Hold.FREE, tries=1)
    assert isinstance(holding.failure, NodeError)
    assert store.held == 0


def test_a_close_that_fails_frees_it_all_the_same() -> None:
    store = FakeStore()
    holding = Holding(store.open, store.changed)
    holding.begin()
    store.wait(holding, Hold.HELD)
    store.closing = None  # type: ignore[assignment]  # closing raises
    holding.end()
    store.wait(holding, Hold.FREE)
    assert isinstance(holding.failure, AttributeError)


@pytest.mark.parametrize(
    ("failure", "final"),
    [
        (None, False),
        (NodeError("no network"), False),
        (OSError("odd"), False),
        (PassphraseError("locked"), True),
        (CorruptStore("damaged"), True),
    ],
)
def test_what_trying_again_cannot_mend_is_final(failure: Exception | None, final: bool) -> None:
    store = FakeStore(broken=failure)
    if failure is not None:
        holding = Holding(store.open, store.changed)
        holding.begin()
        store.wait(holding, Hold.FREE, tries=1)
        assert holding.failure is failure
    assert is_final(failure) is final
