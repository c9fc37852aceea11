"""The demo's device has the history it was asked for, and one that is there is left alone."""

from pathlib import Path

import pytest

from mobile.demo.company import company, neighbours
from mobile.demo.device import LEVEL, History, lay
from web3rec.options import Options
from web3rec.recommender import Recommender
from web3rec.types import Event, Millis

NOW = Millis(1_795_200_000_000)

pytestmark = pytest.mark.slow


def test_the_neighbours_speak_for_everybody_but_the_ego() -> None:
    people = company(NOW)
    spoken = [person.name for ego, hosted in neighbours(people) for person in (ego, *hosted)]
    assert len(spoken) == len(set(spoken))
    assert {person.name for person in people.people} - set(spoken) == {people.egos[0].name}


def test_who_heard_its_friends_before_has_a_list_without_any_network(tmp_path: Path) -> None:
    lay(tmp_path, History(heard=True))
    with Recommender.open(tmp_path) as rec:
        assert rec.me == company(NOW).egos[0].peer
        assert rec.log.level == LEVEL
        assert len(rec.recommend(10)) == 10


def test_who_did_not_holds_its_own_records_only(tmp_path: Path) -> None:
    lay(tmp_path, History())
    with Recommender.open(tmp_path, Options(read_only=True)) as rec:
        ego = company(NOW).egos[0]
        assert rec.log.counts()["records"] == len(ego.acts) + len(ego.trusts)


def test_a_cold_device_knows_items_and_nothing_else(tmp_path: Path) -> None:
    lay(tmp_path, History(cold=True))
    with Recommender.open(tmp_path, Options(read_only=True)) as rec:
        assert rec.log.counts()["records"] == 0
        assert len(rec.log.items()) == len(company(NOW).items)
        assert rec.me not in {person.peer for person in company(NOW).people}


def test_the_catalogue_is_filled_up_with_made_works(tmp_path: Path) -> None:
    lay(tmp_path, History(cold=True, items=6000))
    with Recommender.open(tmp_path, Options(read_only=True)) as rec:
        assert len(rec.log.items()) == 6000


def test_a_device_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    lay(tmp_path, History(cold=True))
    with Recommender.open(tmp_path) as rec:
        rec.record(Event.LIKE, "movielens:movie:1")
        me = rec.me
    lay(tmp_path, History(heard=True, items=6000))
    with Recommender.open(tmp_path, Options(read_only=True)) as rec:
        assert (rec.me, rec.log.counts()["records"]) == (me, 1)


def test_less_than_no_items_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 0, got -1"):
        History(items=-1)
