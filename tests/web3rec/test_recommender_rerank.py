"""Lists ordered by a model: whose may, on what evidence, what stands where none may, what is left
of it when something is forgotten.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web3rec.devices import device
from tests.web3rec.rerank.bundle.bundles import BASIS, COLUMNS, FILES
from tests.web3rec.rerank.bundle.hybrids import files_of, manifest_of, network
from tests.web3rec.store.logs import HandClock, record, scratch
from tests.web3rec.walkers import (
    FRIENDS,
    ITEMS,
    PARAMS,
    PEOPLE,
    PUBLISHER,
    STRANGER,
    STRETCH,
    bundle,
    settle,
    walker,
)
from web3rec import Batch, DataError, Event, Mode, Model, Options, ParamError, RerankParams
from web3rec.recommender import SHELF
from web3rec.records import item_key
from web3rec.records.model import DAY
from web3rec.rerank.bundle import Bundle, items, sealed
from web3rec.rerank.bundle.hybrid import HybridWeights
from web3rec.rerank.bundle.onnx_backend import OnnxModel, is_there
from web3rec.rerank.gate import GateParams
from web3rec.rerank.linear import Linear

pytestmark = pytest.mark.filterwarnings("error")

GOOD = {"graph": 0.2, "next": 8.0}
"""Whatever people turned to next comes first."""
HARMFUL = {"graph": 1.0, "next": -3.0}
TOY = Model("toy", 1, PUBLISHER.peer)
MINE = tuple(enumerate(range(20, 20 + STRETCH)))


def places(batch: Batch) -> list[tuple[str, float]]:
    return [(str(one.item.id), one.score) for one in batch]


def order(batch: Batch) -> list[str]:
    return [str(one.item.id) for one in batch]


@pytest.fixture
def plain(tmp_path: Path) -> Batch:
    """The graph's own list."""
    with walker(tmp_path / "plain", rerank=RerankParams(on=False)) as rec:
        return rec.recommend()


def given_bundle(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "model.bundle"
    path.write_bytes(data)
    return path


def with_bundle(tmp_path: Path, data: bytes, **options: Any) -> Batch:
    """The first list of a device whose app gives it a bundle and names the publisher."""
    path = given_bundle(tmp_path, data)
    chosen = {"publishers": (PUBLISHER.peer,), **options}
    with walker(tmp_path / "device", bundle=path, **chosen) as rec:
        return rec.recommend()


# -- what is used ----------------------------------------------------------------------------------


def test_a_bundle_that_serves_better_orders_the_first_list(tmp_path: Path, plain: Batch) -> None:
    batch = with_bundle(tmp_path, bundle(GOOD))
    assert (batch.model, batch.model_note) == (TOY, "")
    assert order(batch) != order(plain)
    assert order(batch)[0] == f"trk:{20 + STRETCH}"


def test_without_any_model_the_graph_orders_and_nothing_is_remarked(
    tmp_path: Path, plain: Batch
) -> None:
    with walker(tmp_path / "device") as rec:
        batch = rec.recommend()
    assert (batch.model, batch.model_note) == (None, "")
    assert places(batch) == places(plain)


def test_what_a_device_learns_for_itself_orders_its_lists(tmp_path: Path, plain: Batch) -> None:
    with walker(tmp_path / "device") as rec:
        learnt = rec.learn()
        batch = rec.recommend()
    assert batch.model == learnt.model == Model("own", 0, None)
    assert str(batch.model) == "own"
    assert learnt.gain > 2 * learnt.error > 0
    assert learnt.lists == len(PEOPLE)
    assert order(batch) != order(plain)


def test_too_few_people_teach_nothing(tmp_path: Path) -> None:
    gate = GateParams(least_lists=len(PEOPLE) + 1)
    with walker(tmp_path / "device", rerank=RerankParams(gate=gate)) as rec:
        learnt = rec.learn()
        assert learnt.model is None
        assert "42 lists" in learnt.note
        assert rec.recommend().model_note == learnt.note


def test_learning_may_be_switched_off(tmp_path: Path, plain: Batch) -> None:
    with walker(tmp_path / "device", rerank=RerankParams(own=False)) as rec:
        assert rec.learn().model is None
        assert places(rec.recommend()) == places(plain)


def test_a_bundle_on_the_shelf_is_used_from_the_next_list_on(tmp_path: Path) -> None:
    with walker(tmp_path / "device") as rec:
        assert rec.recommend().model is None
        rec.shelf.pin(PUBLISHER.peer)
        assert isinstance(rec.shelf.install(bundle(GOOD)), Bundle)
        assert rec.recommend().model == TOY
        rec.shelf.install(bundle(GOOD, version=2))
        assert rec.recommend().model == Model("toy", 2, PUBLISHER.peer)
        rec.shelf.remove()
        assert rec.recommend().model is None


def test_the_file_of_the_app_takes_the_place_of_the_shelf(tmp_path: Path) -> None:
    path = given_bundle(tmp_path, bundle(GOOD, name="given"))
    with walker(tmp_path / "device", bundle=path) as rec:
        rec.shelf.pin(PUBLISHER.peer)
        rec.shelf.install(bundle(GOOD))
        batch = rec.recommend()
    assert batch.model is not None
    assert batch.model.name == "given"


def test_whoever_asks_in_words_or_under_another_mode_is_asked_no_model(tmp_path: Path) -> None:
    path = given_bundle(tmp_path, bundle(GOOD))
    with walker(tmp_path / "device", bundle=path, publishers=(PUBLISHER.peer,)) as rec:
        assert rec.recommend().model == TOY
        for batch in (rec.recommend(words=["Track"]), rec.recommend(mode=Mode.OPEN)):
            assert (batch.model, batch.model_note) == (None, "")


def looking(decay: float) -> bytes:
    """A model that reads item vectors only: what is near the newest own items is next."""
    rng = np.random.default_rng(0)
    model = network(rng, c=1, d=2, h=1, p=1, e=2)
    arrays = {name: np.zeros_like(array) for name, array in model.arrays().items()}
    arrays["decay"][:] = decay
    arrays["skip"][1, 0] = 1.0  # of one column and attended, mean, closest: the second
    angles = 2 * np.pi * np.arange(ITEMS) / ITEMS
    vectors = {
        item_key(f"trk:{n}"): np.array([np.cos(a), np.sin(a)], np.float32)
        for n, a in enumerate(angles.tolist())
    }
    blind = HybridWeights.of(arrays)
    made = files_of(blind, items.written(BASIS, vectors))
    return sealed(replace(manifest_of(blind), name="toy", version=1), made, PUBLISHER)


def test_a_bundle_that_looks_at_the_history_reads_the_devices_own(
    tmp_path: Path, plain: Batch
) -> None:
    batch = with_bundle(tmp_path, looking(decay=3.0))
    assert (batch.model, batch.model_note) == (TOY, "")
    assert order(batch) != order(plain)
    newest = 20 + STRETCH - 1
    ahead = [f"trk:{newest + k}" for k in range(1, 6)]
    assert order(batch)[:3] == ahead[:3]
    assert sorted(order(batch)[:5]) == ahead, "budgets may let one wait for another"


# -- what is not -----------------------------------------------------------------------------------


def test_X3_a_file_alone_is_no_trust_in_whoever_signed_it(tmp_path: Path, plain: Batch) -> None:
    batch = with_bundle(tmp_path, bundle(GOOD), publishers=())
    assert places(batch) == places(plain)
    assert batch.model is None
    assert batch.model_note.startswith("the bundle is not used: it is refused: publisher")
    batch = with_bundle(tmp_path / "..", bundle(GOOD, key=STRANGER))
    assert "publisher" in batch.model_note


def test_X3_who_is_pinned_on_the_device_is_pinned_for_a_given_file(tmp_path: Path) -> None:
    path = given_bundle(tmp_path, bundle(GOOD))
    with walker(tmp_path / "device", bundle=path) as rec:
        assert rec.recommend().model is None
        rec.shelf.pin(PUBLISHER.peer)
        assert rec.recommend().model == TOY
        rec.shelf.unpin(PUBLISHER.peer)
        assert rec.recommend().model is None


@pytest.mark.parametrize("at", [0, 20, 60, 110, 300, -1])
def test_X3_a_changed_byte_leaves_the_graphs_order(tmp_path: Path, plain: Batch, at: int) -> None:
    data = bytearray(bundle(GOOD))
    data[at] ^= 1
    batch = with_bundle(tmp_path, bytes(data))
    assert places(batch) == places(plain)
    assert "is not used: it is refused: " in batch.model_note


def test_X3_a_given_file_is_no_way_back_behind_what_was_installed(tmp_path: Path) -> None:
    path = given_bundle(tmp_path, bundle(GOOD, version=1))
    with walker(tmp_path / "device", bundle=path) as rec:
        rec.shelf.pin(PUBLISHER.peer)
        rec.shelf.install(bundle(GOOD, version=2))
        rec.shelf.remove()
        assert "downgrade" in rec.recommend().model_note


def test_a_file_that_is_not_there_is_a_reason_and_no_error(tmp_path: Path, plain: Batch) -> None:
    with walker(tmp_path / "device", bundle=tmp_path / "none") as rec:
        batch = rec.recommend()
        assert places(batch) == places(plain)
        assert "cannot be read" in batch.model_note
        (tmp_path / "none").write_bytes(bundle(GOOD))
        rec.shelf.pin(PUBLISHER.peer)
        assert rec.recommend().model == TOY, "once it is there, it is used"


def test_a_damaged_shelf_is_a_reason_and_no_error(tmp_path: Path, plain: Batch) -> None:
    with walker(tmp_path / "device") as rec:
        (tmp_path / "device" / SHELF).mkdir()
        (tmp_path / "device" / SHELF / "models.json").write_text("{")
        batch = rec.recommend()
    assert places(batch) == places(plain)
    assert "damaged" in batch.model_note


def test_X5_a_bundle_that_serves_this_device_worse_is_not_used(
    tmp_path: Path, plain: Batch
) -> None:
    batch = with_bundle(tmp_path, bundle(HARMFUL))
    assert places(batch) == places(plain)
    assert batch.model is None
    assert batch.model_note.startswith("toy 1 is not used: it gains -")
    assert "on this device's own window" in batch.model_note


def test_where_a_bundle_is_not_used_the_devices_own_head_may_be(tmp_path: Path) -> None:
    path = given_bundle(tmp_path, bundle(HARMFUL))
    with walker(tmp_path / "device", bundle=path, publishers=(PUBLISHER.peer,)) as rec:
        learnt = rec.learn()
        batch = rec.recommend()
    assert learnt.model == batch.model == Model("own", 0, None)
    assert batch.model_note.startswith("toy 1 is not used")


def test_X4_a_model_that_computes_infinity_leaves_the_graphs_order(
    tmp_path: Path, plain: Batch
) -> None:
    batch = with_bundle(tmp_path, bundle({"far": 3e38, "place": 3e38}))
    assert places(batch) == places(plain)
    assert "NaN or infinity" in batch.model_note


class Stopwatch:
    """Stands still until it is told to run: then every look at it is a second later."""

    def __init__(self) -> None:
        self.now, self.runs = 0.0, False

    def __call__(self) -> float:
        self.now += self.runs
        return self.now


def test_X4_a_model_that_takes_too_long_is_never_used(tmp_path: Path, plain: Batch) -> None:
    watch = Stopwatch()
    watch.runs = True
    batch = with_bundle(tmp_path, bundle(GOOD), rerank=RerankParams(stopwatch=watch))
    assert places(batch) == places(plain)
    assert batch.model_note == "toy 1 is not used: the model took 1000 ms, allowed are 50"


def test_X4_a_model_that_fails_is_not_judged_again_within_the_hour(tmp_path: Path) -> None:
    watch = Stopwatch()
    watch.runs = True
    path = given_bundle(tmp_path, bundle(GOOD))
    options: dict[str, Any] = {
        "publishers": (PUBLISHER.peer,),
        "rerank": RerankParams(stopwatch=watch, changed=1e-6),
    }
    with walker(tmp_path / "device", bundle=path, **options) as rec:
        rec.recommend()
        before = rec._models._found
        assert before is not None
        rec.record(Event.LIKE, "trk:40")
        rec.recommend()
        assert rec._models._found is before


def test_X4_a_model_that_takes_too_long_once_is_not_heeded_that_once(
    tmp_path: Path, plain: Batch
) -> None:
    watch = Stopwatch()
    path = given_bundle(tmp_path, bundle(GOOD))
    options: dict[str, Any] = {
        "publishers": (PUBLISHER.peer,),
        "rerank": RerankParams(stopwatch=watch),
    }
    with walker(tmp_path / "device", bundle=path, **options) as rec:
        quick = rec.recommend()
        watch.runs = True
        slow = rec.recommend()
        watch.runs = False
        again = rec.recommend()
    assert (slow.model, places(slow)) == (None, places(plain))
    assert slow.model_note == "the model took 1000 ms, allowed are 50"
    assert quick.model == again.model == TOY
    assert places(quick) == places(again)


@pytest.mark.skipif(not is_there(), reason="no onnxruntime below 1.29: pip install web3rec[onnx]")
def test_X4_onnxruntime_is_stopped_by_the_wall_ten_times_as_late_as_a_list_may_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = OnnxModel(FILES["model.onnx"], COLUMNS)
    monkeypatch.setattr("web3rec.reranking.reranker", lambda _: model)
    with_bundle(tmp_path, bundle(GOOD), rerank=RerankParams(seconds=0.2))
    assert model.seconds == pytest.approx(2.0)


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


# -- forgetting ------------------------------------------------------------------------------------


def head(rec: Any) -> Linear:
    """What a device learnt for itself."""
    found = rec._models._own.gated.reranker
    assert isinstance(found, Linear)
    return found


def alike(one: Any, other: Any) -> bool:
    return (
        np.array_equal(head(one).weights, head(other).weights)
        and np.array_equal(head(one).mean, head(other).mean)
        and np.array_equal(head(one).scale, head(other).scale)
        and places(one.recommend(ITEMS)) == places(other.recommend(ITEMS))
    )


@settings(max_examples=5)
@given(st.sets(st.integers(0, ITEMS - 1), min_size=1, max_size=3), st.booleans())
@pytest.mark.slow
def test_U1_U2_who_forgot_and_learns_is_who_never_knew_and_learns(
    gone: set[int], learnt_before: bool
) -> None:
    kept = [(place, item) for place, item in MINE if item not in gone]
    known = [*kept, *((place, item) for place, item in enumerate(sorted(gone), STRETCH))]
    with scratch() as root, walker(root / "a", acts=known) as forgot:
        if learnt_before:
            forgot.learn()
            forgot.recommend()
        for item in gone:
            forgot.forget(item=f"trk:{item}")
        assert forgot._models._own is None
        forgot.learn()
        with walker(root / "b", acts=kept) as never:
            never.learn()
            assert alike(forgot, never)


Way = Callable[[Any], object]


@pytest.mark.parametrize(
    "forget",
    [
        lambda rec: rec.forget(item="trk:25"),
        lambda rec: rec.forget(since=rec.options.clock() - 90_000),
        lambda rec: rec.forget_all(),
        lambda rec: rec.log.forget_item(next(iter(rec.log.touched()))),
        lambda rec: rec.trust(FRIENDS[0].peer, 0),
    ],
    ids=["item", "since", "all", "in the log alone", "trust"],
)
def test_U2_nothing_that_was_learnt_outlives_what_is_forgotten(tmp_path: Path, forget: Way) -> None:
    path = given_bundle(tmp_path, bundle(GOOD))
    options: dict[str, Any] = {"bundle": path, "publishers": (PUBLISHER.peer,)}
    with walker(tmp_path / "device", **options) as rec:
        assert rec.learn().model == TOY
        before = rec._models._found
        forget(rec)
        rec.recommend()
        assert rec._models._own is None
        assert rec._models._found is not before


def test_U2_a_reader_drops_what_it_learnt_when_the_writer_forgets(tmp_path: Path) -> None:
    with walker(tmp_path / "device") as rec, walker(tmp_path / "device", read_only=True) as beside:
        assert beside.learn().model is not None
        beside.recommend()
        rec.forget(item="trk:25")
        assert beside.recommend().model is None


def test_U2_what_is_being_learnt_while_something_is_forgotten_is_not_kept(tmp_path: Path) -> None:
    class Forgetting:
        """A stopwatch that is looked at in the middle of judging."""

        rec: Any = None
        looked = 0

        def __call__(self) -> float:
            self.looked += 1
            if self.looked == 20 and self.rec is not None:
                self.rec.forget(item="trk:25")
            return 0.0

    watch = Forgetting()
    path = given_bundle(tmp_path, bundle(GOOD))
    options: dict[str, Any] = {
        "publishers": (PUBLISHER.peer,),
        "rerank": RerankParams(stopwatch=watch),
    }
    with walker(tmp_path / "device", bundle=path, **options) as rec:
        watch.rec = rec
        rec.learn()
        assert watch.looked >= 20
        assert rec._models._own is None
        assert rec._models._found is None


def test_U2_a_list_begun_before_something_was_forgotten_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    with walker(tmp_path / "device") as rec:
        before = rec._outlook.now()
        rec.forget(item="trk:25")
        for _ in range(2):  # the second time, something newer was heeded
            kept = rec._models._seen
            assert rec._models.order(before).model is None
            rec._models.learn(before, anew=True)
            assert rec._models._own is None
            assert rec._models._found is None
            assert rec._models._seen is kept
            rec._models.order(rec._outlook.now())
            rec._models._found = None


def test_U2_a_list_that_was_under_way_while_something_was_forgotten_is_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with walker(tmp_path / "device") as rec:
        before = rec._outlook.now()
        rec.forget(item="trk:25")
        with monkeypatch.context() as patched:
            patched.setattr(rec._outlook, "now", lambda _: before)
            assert len(rec.recommend())
        assert not rec._batches
        assert rec.recommend().id in rec._batches


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
