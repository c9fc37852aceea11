"""What is left of a model when something is forgotten: nothing, or what never hung on it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web3rec.ordered import (
    GOOD,
    MINE,
    TOY,
    alike,
    given_bundle,
)
from tests.web3rec.store.logs import scratch
from tests.web3rec.walkers import (
    FRIENDS,
    ITEMS,
    PUBLISHER,
    STRETCH,
    bundle,
    walker,
)
from web3rec import RerankParams

pytestmark = pytest.mark.filterwarnings("error")


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
