"""What the ego says about positions of its lists moves what its friends may pay for."""

from pathlib import Path

import pytest

from tests.web3rec.devices import FRIENDS, settled
from web3rec import Batch, Event, Recommendation, Recommender
from web3rec.store import OwnAct

NAMED = {friend.peer for friend in FRIENDS}


def merits(rec: Recommender) -> dict[bytes, float]:
    """m_b of every friend with a column of its own."""
    view = rec.view()
    return {
        who: float(m) for who, m in zip(view.sponsors, view.merit, strict=True) if who is not None
    }


def sponsored(batch: Batch) -> Recommendation:
    return next(one for one in batch if one.paid)


def test_what_friends_paid_is_part_of_every_position(tmp_path: Path) -> None:
    with settled(tmp_path) as rec:
        batch = rec.recommend()
        assert {who for one in batch for who, _ in one.paid} <= NAMED
        assert all(0 < part <= 1 for one in batch for _, part in one.paid)
        for one in batch:
            people = any(c.role == "friend" for c in one.contributions)
            assert sum(part for _, part in one.paid) == pytest.approx(1.0 if people else 0.0)


@pytest.mark.parametrize(
    ("event", "up"), [(Event.LIKE, True), (Event.NOT_INTERESTED, False), (Event.SKIP, False)]
)
def test_a_reply_moves_the_merit_of_who_paid_and_of_nobody_else(
    tmp_path: Path, event: Event, up: bool
) -> None:
    with settled(tmp_path) as rec:
        batch = rec.recommend()
        one = sponsored(batch)
        rec.record(event, one.item.id, batch=batch.id)
        payers = {who for who, _ in one.paid}
        for who, m in merits(rec).items():
            assert (m > 1) is (up and who in payers)
            assert (m < 1) is (not up and who in payers)


def test_an_act_that_answers_no_list_credits_nobody(tmp_path: Path) -> None:
    """However many had offered the item before: co-listening is free to fake."""
    with settled(tmp_path) as rec:
        batch = rec.recommend()
        rec.record(Event.LIKE, sponsored(batch).item.id)
        rec.record(Event.LIKE, "trk:29", batch=batch.id)  # nothing of that list
        rec.record(Event.LIKE, sponsored(batch).item.id, batch="no such list")
        assert set(merits(rec).values()) == {1.0}


def test_U2_a_forgotten_reply_moves_nothing_any_more(tmp_path: Path) -> None:
    with settled(tmp_path / "a") as rec, settled(tmp_path / "b") as never:
        batch = rec.recommend()
        one = sponsored(batch)
        rec.record(Event.NOT_INTERESTED, one.item.id, batch=batch.id)
        assert rec.recommend() != never.recommend()
        rec.forget(item=one.item.id)
        assert rec.recommend() == never.recommend()


def test_a_friend_who_is_rejected_again_and_again_falls_silent_until_trusted_anew(
    tmp_path: Path,
) -> None:
    with settled(tmp_path) as rec:
        one = sponsored(batch := rec.recommend())
        who = one.paid[0][0]
        for n in range(200):
            # The same position judged in many lists: here by hand, as lists repeat themselves.
            rec.log.write_acts([_rejected(rec, one, f"{batch.id}{n}")])
        assert merits(rec)[who] == 0
        assert all(who not in {payer for payer, _ in one.paid} for one in rec.recommend())
        rec.trust(who, 0.5)
        assert merits(rec)[who] == 1


def _rejected(rec: Recommender, one: Recommendation, batch: str) -> OwnAct:
    return OwnAct(Event.SKIP, one.item.id, rec.options.clock(), 1, batch, one.paid)
