"""The audit: clean after anything that may happen to a device, and it finds what is planted."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import KEYS
from tests.web3rec.devices import FRIENDS, device, said, settled
from tests.web3rec.store.logs import HandClock, rows, scratch
from tests.web3rec.test_live import Step, steps
from tests.web3rec.walkers import walker
from web3rec import Audit, Closed, Event, Recommender
from web3rec.rerank.pacing import Times
from web3rec.store import key_of
from web3rec.types import Millis


def unequal(found: Audit) -> set[str]:
    assert found.is_clean == all(stage.equal for stage in found.stages)
    return {stage.name for stage in found.stages if not stage.equal}


def test_the_stages_of_a_device_by_name(tmp_path: Path) -> None:
    """4 likes, 4 friends with 5 each, 3 strangers with 3 each; 4 + 3 edges; 8 people."""
    with settled(tmp_path) as rec:
        found = rec.audit()
        assert found.at == rec.options.clock()
        assert [stage.name for stage in found.stages] == [
            "rows", "memory", "graph", "trust", "admission", "list", "models",
        ]  # fmt: skip
        counts = {stage.name: stage.count for stage in found.stages}
        assert counts["rows"] == rec.log.counts()["records"]
        assert (counts["graph"], counts["trust"], counts["admission"]) == (33, 7, 8)
        assert unequal(found) == set()


@settings(max_examples=15)
@given(
    st.lists(
        st.one_of(
            steps(),
            st.sampled_from(FRIENDS[:3]).map(lambda who: lambda rec, _: rec.forget(peer=who.peer)),
        ),
        max_size=10,
    ),
    st.booleans(),
)
def test_U1_after_any_story_the_audit_is_clean(story: list[Step], seeded: bool) -> None:
    seeds = (KEYS[0].peer,) if seeded else ()
    with scratch() as path:
        clock = HandClock()
        with device(path, clock, seeds=seeds) as rec:
            for number, step in enumerate(story):
                step(rec, clock)
                if number % 3 == 0:
                    rec.recommend()
            assert unequal(rec.audit()) == set()


def test_a_reader_beside_a_writer_audits_too(tmp_path: Path) -> None:
    with settled(tmp_path) as rec, device(tmp_path, read_only=True) as reader:
        assert unequal(reader.audit()) == set()
        rec.record(Event.LIKE, "trk:9")
        assert unequal(reader.audit()) == set()


def test_an_audit_changes_nothing(tmp_path: Path) -> None:
    with settled(tmp_path) as rec:
        before, view = rec.log.generation, rec.view()
        rec.audit()
        assert rec.log.generation == before
        assert rec.view() is view
        rec.record(Event.LIKE, "trk:9")
        assert unequal(rec.audit()) == set()


# -- planted --------------------------------------------------------------------------------------


def changed_row(rec: Recommender) -> None:
    rows(rec.log, "UPDATE records SET weight = 8 WHERE author != x'' AND kind = 'like' AND seq = 1")


def lost_id(rec: Recommender) -> None:
    rec.log._held.pop()


def kept_catalogue(rec: Recommender) -> None:
    rec.log.items()
    cached = rec.log._catalogue
    assert cached
    cached.pop(key_of("trk:1"))


def lost_seen(rec: Recommender) -> None:
    rec.log.known()
    keys = rec.log._kept._seen._keys
    assert keys is not None
    rec.log._kept._seen._keys = keys[1:]
    rec.log._kept._seen._known = None


def stray_declined(rec: Recommender) -> None:
    rec.log._kept._declined.add([b"x" * 16])


def other_level(rec: Recommender) -> None:
    rec.log._level = 3


def graph_of_before(rec: Recommender) -> None:
    """Somebody's act goes without the graph being told."""
    view = rec.view()
    rows(rec.log, "DELETE FROM records WHERE seq IN (SELECT max(seq) FROM records)")
    rec.log._held = {i for (i,) in rows(rec.log, "SELECT id FROM records")}
    rec.log._kept.renew()
    assert rec.view() is view


def plant(rec: Recommender, **changed: Any) -> None:
    """Change what is kept of the present."""
    present = rec._outlook.now()
    rec._outlook._present[rec.options.mode] = replace(present, **changed)


def other_trust(rec: Recommender) -> None:
    view = rec.view()
    tau = view.trust.tau.copy()
    tau[-1] += 1e-6
    plant(rec, view=replace(view, trust=replace(view.trust, tau=tau)))


def other_admission(rec: Recommender) -> None:
    view = rec.view()
    weights = view.admission.weights.copy()
    weights[np.flatnonzero(weights)[-1]] = 0.5
    plant(rec, view=replace(view, admission=replace(view.admission, weights=weights)))


def other_times(rec: Recommender) -> None:
    plant(rec, times=Times(MappingProxyType({})))


def other_merit(rec: Recommender) -> None:
    plant(rec, merits={FRIENDS[0].peer: 2.0})


def old_touch(rec: Recommender) -> None:
    touched = dict(rec.log.touched())
    touched[key_of("trk:1")] = Millis(touched[key_of("trk:1")] - 1)
    plant(rec, touched=touched)


@pytest.mark.parametrize(
    ("break_it", "shows"),
    [
        (changed_row, "rows"),
        (lost_id, "memory"),
        (kept_catalogue, "memory"),
        (lost_seen, "memory"),
        (stray_declined, "memory"),
        (other_level, "memory"),
        (graph_of_before, "graph"),
        (other_times, "graph"),
        (other_merit, "graph"),
        (old_touch, "graph"),
        (other_trust, "trust"),
        (other_admission, "admission"),
        (other_admission, "list"),
    ],
)
def test_a_planted_error_is_found_at_its_stage(
    tmp_path: Path, break_it: Callable[[Recommender], None], shows: str
) -> None:
    with settled(tmp_path) as rec:
        rec.log.ingest(said(FRIENDS[1], [7], first=50))
        rec.recommend()
        assert unequal(rec.audit()) == set()
        break_it(rec)
        assert shows in unequal(rec.audit())


@pytest.mark.slow
def test_a_head_that_was_tampered_with_is_found(tmp_path: Path) -> None:
    with walker(tmp_path / "device") as rec:
        assert rec.learn().model is not None
        models = rec.audit().stages[-1]
        assert (models.equal, models.what) == (True, "learnt again")
        own = rec._models._own
        assert own is not None
        head = own.gated.reranker
        other = replace(head, weights=head.weights + 1e-9)  # type: ignore[type-var, attr-defined]
        rec._models._own = replace(own, gated=replace(own.gated, reranker=other))
        assert unequal(rec.audit()) == {"models"}


@pytest.mark.slow
def test_a_head_learnt_before_others_said_more_is_not_compared(tmp_path: Path) -> None:
    with walker(tmp_path / "device") as rec:
        rec.learn()
        rec.log.ingest(said(FRIENDS[3], [7], first=5_000))
        assert "not compared" in rec.audit().stages[-1].what


def test_a_log_that_was_closed_is_not_audited(tmp_path: Path) -> None:
    rec = settled(tmp_path)
    rec.close()
    with pytest.raises(Closed):
        rec.audit()
