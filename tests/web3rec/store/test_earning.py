"""Replies are kept with who paid, count once a position, and go when what they judged goes."""

from contextlib import closing
from pathlib import Path

import pytest

from tests.web3rec.store.logs import ANN, BOB, FOLK, JAZZ, act, contents, key_of_item, open_log
from web3rec.types import Event, Millis

PAID = ((ANN.peer, 0.75), (BOB.peer, 0.25))


def test_a_reply_is_kept_with_what_each_friend_paid(tmp_path: Path) -> None:
    with closing(open_log(tmp_path)) as log:
        log.write_acts([act(JAZZ, Event.LIKE, batch="b1", paid=PAID)])
        log.write_acts([act(FOLK, Event.NOT_INTERESTED, batch="b1", paid=PAID[:1])])
        want = [(ANN.peer, True, 0.75), (BOB.peer, True, 0.25), (ANN.peer, False, 0.75)]
        assert log.payments() == want
    with closing(open_log(tmp_path)) as log:
        assert log.payments() == want


def test_a_position_counts_once_and_the_last_word_stands(tmp_path: Path) -> None:
    with closing(open_log(tmp_path)) as log:
        for event in (Event.LIKE, Event.COLLECT, Event.SKIP):
            log.write_acts([act(JAZZ, event, batch="b1", paid=PAID[:1])])
        assert log.payments() == [(ANN.peer, False, 0.75)]
        log.write_acts([act(JAZZ, Event.LIKE, batch="b2", paid=PAID[:1])])
        assert [accepted for _, accepted, _ in log.payments()] == [False, True]


@pytest.mark.parametrize(
    ("event", "batch", "paid"),
    [(Event.VIEW, "b1", PAID), (Event.LIKE, "", PAID), (Event.LIKE, "b1", ())],
    ids=["a view says neither", "it answers no list", "nobody paid"],
)
def test_what_judges_nobody_is_no_reply(
    tmp_path: Path, event: Event, batch: str, paid: tuple[tuple[bytes, float], ...]
) -> None:
    with closing(open_log(tmp_path)) as log:
        log.write_acts([act(JAZZ, event, batch=batch, paid=paid)])  # type: ignore[arg-type]
        assert log.payments() == []


def test_U1_forgetting_an_item_forgets_the_replies_on_it(tmp_path: Path) -> None:
    """The same tables as a device that judged the other item only."""
    with (
        closing(open_log(tmp_path / "forgot")) as forgot,
        closing(open_log(tmp_path / "never")) as never,
    ):
        for log in (forgot, never):
            log.write_acts([act(FOLK, Event.LIKE, batch="b1", paid=PAID)])
        forgot.write_acts([act(JAZZ, Event.SKIP, batch="b1", paid=PAID)])
        forgot.forget_item(key_of_item(JAZZ))
        assert contents(forgot)["payments"] == contents(never)["payments"] != []
        forgot.forget_since(Millis(0))
        assert forgot.payments() == []


def test_forgetting_everything_forgets_every_reply(tmp_path: Path) -> None:
    with closing(open_log(tmp_path)) as log:
        log.write_acts([act(JAZZ, Event.LIKE, batch="b1", paid=PAID)])
        log.forget_all()
        assert log.payments() == []


def test_trust_stated_anew_or_taken_back_starts_that_friend_over(tmp_path: Path) -> None:
    with closing(open_log(tmp_path)) as log:
        log.write_acts([act(JAZZ, Event.SKIP, batch="b1", paid=PAID)])
        log.write_trust(ANN.peer, 8, "")
        assert log.payments() == [(BOB.peer, False, 0.25)]
        log.forget_peer(BOB.peer)
        assert log.payments() == []
