"""What holds of lists whatever orders them; when a device learns; threads; options."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.web3rec.devices import device
from tests.web3rec.ordered import GOOD, MINE, TOY, given_bundle, head, order, places, with_bundle
from tests.web3rec.store.logs import HandClock, record
from tests.web3rec.walkers import (
    FRIENDS,
    ITEMS,
    PARAMS,
    PEOPLE,
    PUBLISHER,
    bundle,
    settle,
    walker,
)
from web3rec import DataError, Event, Mode, Model, Options, ParamError, RerankParams
from web3rec.records.model import DAY
from web3rec.rerank.bundle import Bundle

pytestmark = pytest.mark.filterwarnings("error")


# -- what holds of lists all the same --------------------------------------------------------------


def test_M6_a_model_permutes_what_is_proposed_and_no_more(tmp_path: Path) -> None:
    path = given_bundle(tmp_path, bundle(GOOD))
    options: dict[str, Any] = {"publishers": (PUBLISHER.peer,), "mode": Mode.OPEN}
    with walker(tmp_path / "device", bundle=path, **options) as rec:
        ours = rec.recommend(ITEMS)
    with walker(tmp_path / "plain", mode=Mode.OPEN) as rec:
        graphs = rec.recommend(ITEMS)
    assert ours.model == TOY
    assert order(ours) != order(graphs)
    assert sorted(order(ours)) == sorted(order(graphs))
    assert [one.score for one in ours] == pytest.approx([one.score for one in graphs], rel=1e-9)


def test_B1_no_friend_pays_for_more_places_than_its_budget_whatever_the_model(
    tmp_path: Path,
) -> None:
    path = given_bundle(tmp_path, bundle(GOOD))
    with walker(tmp_path / "device", bundle=path, publishers=(PUBLISHER.peer,)) as rec:
        batch = rec.recommend()
        view, params = rec.view(), rec.options.params
    assert batch.model == TOY
    assert batch.protected
    for friend in FRIENDS:
        paid = sum(part for one in batch for who, part in one.paid if who == friend.peer)
        assert paid <= view.bound([friend.peer], len(batch), params) + 1e-9


def test_M4_contributions_still_sum_to_the_score(tmp_path: Path) -> None:
    batch = with_bundle(tmp_path, bundle(GOOD))
    for one in batch:
        total = sum(part.amount for part in one.contributions)
        assert total == pytest.approx(one.score, rel=1e-6)


@pytest.mark.slow
def test_M1_the_same_log_gives_the_same_list_under_a_model(tmp_path: Path) -> None:
    path = given_bundle(tmp_path, bundle(GOOD))
    ours: list[dict[str, Any]] = [{"bundle": path, "publishers": (PUBLISHER.peer,)}, {}]
    for options in ours:
        lists = []
        for name in ("one", "other", "one"):  # the third is opened again
            where = tmp_path / f"{name}-{len(options)}"
            with walker(where, **options) as rec:
                rec.learn()
                batch = rec.recommend()
            assert batch.model is not None
            lists.append((batch.id, places(batch)))
        assert lists[0] == lists[1] == lists[2]


def test_reading_beside_a_node_orders_by_the_model_and_writes_nothing(tmp_path: Path) -> None:
    home = tmp_path / "device"
    with walker(home) as rec:
        rec.shelf.pin(PUBLISHER.peer)
        rec.shelf.install(bundle(GOOD))
        ours = rec.recommend()
        before = _files(home)
        with walker(home, read_only=True) as beside:
            assert places(beside.recommend()) == places(ours)
            assert beside.learn().model == TOY
        assert _files(home) == before


def _files(home: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(home)): path.read_bytes()
        for path in sorted(home.rglob("*"))
        if path.is_file() and not path.name.endswith("-shm")
    }


def test_what_is_learnt_is_nowhere_on_disk(tmp_path: Path) -> None:
    home = tmp_path / "device"
    with walker(home) as rec:
        rec.recommend()
        before = _files(home)
        assert rec.learn().model is not None
        rec.recommend()
        assert _files(home) == before


# -- when it learns --------------------------------------------------------------------------------


def test_it_learns_again_when_much_changed_or_a_day_passed_and_not_before(tmp_path: Path) -> None:
    clock = HandClock()
    with walker(tmp_path / "device", clock) as rec:
        rec.learn()
        first = head(rec)

        def learns() -> bool:
            before = rec._models._own
            rec.learn()
            return rec._models._own is not before

        assert not learns(), "nothing changed"
        clock.pass_days(2)
        assert not learns(), "a day passed, and nothing changed"
        clock.pass_days(-2)
        rec.record(Event.LIKE, "trk:40")
        assert not learns(), "not within the hour"
        clock.pass_days(1 / 24)
        assert not learns(), "one person of many"
        rec.log.ingest([_act(key, 200) for key in PEOPLE[:6]])
        assert learns(), "more than a tenth is of people who said something"
        rec.record(Event.LIKE, "trk:41")
        clock.pass_days(1)
        assert learns(), "a day passed, and something changed"
        rec.learn(anew=True)
        assert not np.array_equal(head(rec).weights, first.weights)


def _act(key: Any, n: int) -> Any:
    from tests.web3rec.store.logs import MIDNIGHT  # noqa: PLC0415 - beside its use

    return record(key, n, item="trk:50", t=MIDNIGHT - DAY)


def test_it_is_time_to_learn_where_lists_are_asked_for_and_then_not_for_an_hour(
    tmp_path: Path,
) -> None:
    clock = HandClock()
    with walker(tmp_path / "device", clock) as rec:
        assert not rec.may_learn
        rec.recommend()
        assert rec.may_learn
        rec.learn()
        assert not rec.may_learn
        clock.pass_days(1 / 24)
        assert rec.may_learn
        rec.forget(item="trk:25")
        assert rec.may_learn, "nothing is known any more"


# -- many at once ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_threads_that_list_learn_and_install_get_lists_by_one_model_or_another(
    tmp_path: Path,
) -> None:
    def lists(rec: Any) -> set[Model | None]:
        return {rec.recommend(5).model for _ in range(20)}

    with walker(tmp_path / "device") as rec, ThreadPoolExecutor(6) as pool:
        rec.shelf.pin(PUBLISHER.peer)
        listing = [pool.submit(lists, rec) for _ in range(4)]
        learning = pool.submit(lambda: [rec.learn(anew=True) for _ in range(3)])
        installing = pool.submit(rec.shelf.install, bundle(GOOD))
        found = set().union(*(one.result() for one in listing))
        assert found <= {None, TOY, Model("own", 0, None)}
        assert len(learning.result()) == 3
        assert isinstance(installing.result(), Bundle)
        batch = rec.recommend()
        assert batch.model == TOY
        with walker(tmp_path / "alone", bundle=given_bundle(tmp_path, bundle(GOOD)),
                    publishers=(PUBLISHER.peer,)) as alone:  # fmt: skip
            assert places(alone.recommend()) == places(batch)


# -- options ---------------------------------------------------------------------------------------


def test_what_is_no_option_is_refused() -> None:
    with pytest.raises(ParamError, match="bundle"):
        Options(bundle=3)  # type: ignore[arg-type]
    with pytest.raises(ParamError, match="publishers"):
        Options(publishers="did:key:z6Mk")  # type: ignore[arg-type]
    with pytest.raises(DataError):
        Options(publishers=("nobody",))
    with pytest.raises(ParamError, match="rerank"):
        Options(rerank=None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("candidates", 0),
        ("candidates", 1001),
        ("seconds", 0.0),
        ("seconds", float("nan")),
        ("stopwatch", 3),
        ("least_hours", -1.0),
        ("most_hours", 0.5),
        ("changed", 0.0),
        ("changed", 1.5),
    ],
)
def test_numbers_out_of_range_are_refused(name: str, value: Any) -> None:
    with pytest.raises(ParamError, match=name):
        RerankParams(**{name: value})


def test_an_ego_without_anybody_gets_its_list(tmp_path: Path) -> None:
    path = given_bundle(tmp_path, bundle(GOOD))
    with device(tmp_path / "device", bundle=path, publishers=(PUBLISHER.peer,)) as rec:
        assert rec.recommend().model_note == (
            "toy 1 is not used: 0 lists to judge it by, wanted 16"
        )
        assert rec.learn().model is None


def test_the_app_may_settle_after_opening(tmp_path: Path) -> None:
    """What was judged on an empty window is judged again when that window has filled."""
    path = given_bundle(tmp_path, bundle(GOOD))
    clock = HandClock()
    options: dict[str, Any] = {"publishers": (PUBLISHER.peer,), "params": PARAMS}
    with device(tmp_path / "device", clock, bundle=path, **options) as rec:
        assert "0 lists" in rec.recommend().model_note
        settle(rec, MINE)
        assert rec.recommend().model == TOY
