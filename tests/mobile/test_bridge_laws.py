"""Whatever is tapped, in whatever order, however fast: log, hearts and rows agree with the taps."""

from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobile.bridge.lists import LISTED
from tests.mobile.bridged import rig
from tests.web3rec.store.logs import scratch


class Tap(NamedTuple):
    wish: str
    """What is tapped; "wait" lets the desk finish first"""
    place: int
    """Which row, of those there are"""


taps = st.lists(
    st.builds(
        Tap,
        st.sampled_from(["like", "like", "less", "not_interested", "undo", "refresh", "wait"]),
        st.integers(0, 9),
    ),
    max_size=12,
)


class Person:
    """What somebody tapped, as far as it counts in the end."""

    def __init__(self) -> None:
        self.liked: set[str] = set()
        self.turned: dict[str, str] = {}
        self.last: str | None = None

    def tap(self, wish: str, item: str) -> None:
        if wish == "like":
            self.liked ^= {item}
        elif wish == "undo":
            if self.last is not None:
                self.turned.pop(self.last)
            self.last = None
        elif wish in ("less", "not_interested"):
            self.turned[item] = {"less": "skip"}.get(wish, wish)
            self.last = item

    @property
    def acts(self) -> set[tuple[str, str]]:
        return {(item, "like") for item in self.liked} | set(self.turned.items())


@pytest.mark.slow
@settings(max_examples=25)
@given(taps)
def test_the_log_and_the_rows_are_those_of_the_taps_that_still_count(story: list[Tap]) -> None:
    with scratch() as path, rig(path) as app:
        before, person = set(app.acts()), Person()
        for wish, place in story:
            shown = app.shown()
            item = shown[place % len(shown)]
            if wish == "wait":
                app.settle()
            elif wish == "refresh":
                app.bridge.refresh()
            elif wish == "undo":
                app.bridge.undo(app.state.notice.id if app.state.notice else 0)
                person.tap(wish, item)
            else:
                getattr(app.bridge, wish)(item)
                person.tap(wish, item)
            rows = app.state.for_you.rows
            assert {row.item for row in rows if row.liked} <= person.liked
            assert not {row.item for row in rows} & set(person.turned)
        state = app.settle()
        assert set(app.acts()) - before == person.acts
        assert {row.item for row in state.library.rows if row.liked} == person.liked | {
            f"trk:{n}" for n in range(4)
        }
        app.bridge.refresh()
        app.settle()
        gone = [item for item, kind in person.turned.items() if kind == "skip"]
        truth = [str(one.item.id) for one in app.rec.recommend(LISTED, exclude=gone)]
        assert app.shown() == truth
        assert app.rec.audit().is_clean


@pytest.mark.slow
@settings(max_examples=15)
@given(taps)
def test_who_undoes_all_that_can_be_undone_never_did_it(story: list[Tap]) -> None:
    """Each act is taken back at once or after the desk was done with it."""
    with scratch() as path, rig(path) as app:
        acts, first = app.acts(), app.shown()
        for wish, place in story:
            item = app.shown()[place % len(app.shown())]
            if wish == "like":
                app.bridge.like(item)
                app.bridge.like(item)
            elif wish in ("less", "not_interested"):
                getattr(app.bridge, wish)(item)
                if place % 2:
                    app.settle()
                assert app.state.notice is not None
                app.bridge.undo(app.state.notice.id)
            elif wish == "wait":
                app.settle()
        app.bridge.refresh()
        app.settle()
        assert app.acts() == acts
        assert app.rec.log.replies() == []
        assert app.shown() == first
        assert app.rec.audit().is_clean
