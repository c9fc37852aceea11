"""Every wrong call is a typed error that says what was wanted; nothing is changed by it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.web3rec.devices import FRIENDS, ME, device, settled
from tests.web3rec.store.logs import contents
from web3rec import Closed, DataError, Event, Item, Options, ParamError, Recommender, Web3recError
from web3rec.records import did_key

Call = Callable[[Recommender], object]
nan, inf = float("nan"), float("inf")
FRIEND = FRIENDS[0].peer


def wrong(value: object) -> Any:
    """A value no type checker would let through."""
    return value


PARAMS: dict[str, Call] = {
    "an event that is text": lambda rec: rec.record(wrong("like"), "trk:1"),
    "a weight of 0": lambda rec: rec.record(Event.LIKE, "trk:1", weight=0),
    "a weight of 9": lambda rec: rec.record(Event.LIKE, "trk:1", weight=9),
    "a weight that is true": lambda rec: rec.record(Event.LIKE, "trk:1", weight=True),
    "a weight that is no number": lambda rec: rec.record(Event.LIKE, "trk:1", weight=wrong(nan)),
    "a moment that is a float": lambda rec: rec.record(Event.LIKE, "trk:1", at=wrong(1.5)),
    "a moment before 1970": lambda rec: rec.record(Event.LIKE, "trk:1", at=wrong(-1)),
    "a moment in microseconds": lambda rec: rec.record(Event.LIKE, "trk:1", at=wrong(1 << 60)),
    "a batch that is none": lambda rec: rec.record(Event.LIKE, "trk:1", batch=wrong(None)),
    "trust of nan": lambda rec: rec.trust(FRIEND, nan),
    "trust of inf": lambda rec: rec.trust(FRIEND, inf),
    "negative trust": lambda rec: rec.trust(FRIEND, -0.1),
    "trust above 1": lambda rec: rec.trust(FRIEND, 1.1),
    "trust that is true": lambda rec: rec.trust(FRIEND, True),
    "trust that is text": lambda rec: rec.trust(FRIEND, wrong("1")),
    "a name that is none": lambda rec: rec.trust(FRIEND, name=wrong(None)),
    "a name too long": lambda rec: rec.trust(FRIEND, name="x" * 121),
    "a name that is half": lambda rec: rec.trust(FRIEND, name="\ud800"),
    "a level of 4": lambda rec: rec.share(4),
    "a level that is true": lambda rec: rec.share(True),
    "a list of nothing": lambda rec: rec.recommend(0),
    "a list too long": lambda rec: rec.recommend(1001),
    "a list of 2.5": lambda rec: rec.recommend(wrong(2.5)),
    "a list of text": lambda rec: rec.recommend(wrong("20")),
    "a list of true": lambda rec: rec.recommend(True),
    "a mode that is text": lambda rec: rec.recommend(mode=wrong("closed")),
    "a mode that is 0": lambda rec: rec.view(wrong(0)),
    "since nan": lambda rec: rec.forget(since=wrong(nan)),
    "since true": lambda rec: rec.forget(since=wrong(True)),
    "since before 1970": lambda rec: rec.forget(since=wrong(-5)),
    "another topic": lambda rec: rec.subscribe("weather", lambda: None),
}
DATA: dict[str, Call] = {
    "no item": lambda rec: rec.record(Event.LIKE, ""),
    "every item": lambda rec: rec.record(Event.LIKE, "*"),
    "an item that is bytes": lambda rec: rec.record(Event.LIKE, wrong(b"trk:1")),
    "an item that is half": lambda rec: rec.record(Event.LIKE, "\udfff"),
    "an item too long": lambda rec: rec.record(Event.LIKE, "x" * 513),
    "a hash that is none": lambda rec: rec.record(Event.LIKE, "hash:xyz"),
    "an item without id": lambda rec: rec.add_items([Item("")]),
    "tags that are text": lambda rec: rec.add_items([Item("a", tags=wrong("jazz"))]),
    "a peer that is none": lambda rec: rec.trust("nobody"),
    "a peer of 31 bytes": lambda rec: rec.trust(wrong(FRIEND[:31])),
    "a peer that is a number": lambda rec: rec.block(wrong(7)),
    "trust in oneself": lambda rec: rec.trust(rec.me),
    "one text to exclude": lambda rec: rec.recommend(exclude="trk:1"),
    "one text to restrict to": lambda rec: rec.recommend(restrict_to="trk:1"),
    "nothing named to exclude": lambda rec: rec.recommend(exclude=[""]),
    "a number to exclude": lambda rec: rec.recommend(exclude=wrong([7])),
    "forgetting nothing": lambda rec: rec.forget(),
    "forgetting both": lambda rec: rec.forget(item="trk:1", peer=wrong(bytes(32))),
    "forgetting a peer from then on": lambda rec: rec.forget(peer=wrong(bytes(32)), since=wrong(1)),
    "forgetting no moment": lambda rec: rec.forget(item="", since=wrong(1)),
    "forgetting no item": lambda rec: rec.forget(item=""),
    "explaining nothing": lambda rec: rec.explain("trk:1"),
    "a file that is not there": lambda rec: rec.import_("/nowhere/me.jsonl"),
}
USES: dict[str, Call] = {
    "add_items": lambda rec: rec.add_items([]),
    "record": lambda rec: rec.record(Event.LIKE, "trk:1"),
    "record_many": lambda rec: rec.record_many([]),
    "trust": lambda rec: rec.trust(FRIEND),
    "untrust": lambda rec: rec.trust(FRIEND, 0),
    "block": lambda rec: rec.block(FRIEND),
    "share": lambda rec: rec.share(1),
    "recommend": lambda rec: rec.recommend(),
    "view": lambda rec: rec.view(),
    "explain": lambda rec: rec.explain("trk:10"),
    "forget": lambda rec: rec.forget(item="trk:1"),
    "forget_all": lambda rec: rec.forget_all(),
    "export": lambda rec: rec.export(rec.path / "me.jsonl"),
    "import_": lambda rec: rec.import_(rec.path.parent / "me.jsonl"),
    "subscribe": lambda rec: rec.subscribe("recommendations_changed", lambda: None),
}


@pytest.mark.parametrize("call", PARAMS.values(), ids=PARAMS.keys())
def test_a_number_or_option_out_of_range_is_a_param_error(tmp_path: Path, call: Call) -> None:
    with device(tmp_path) as rec:
        before = contents(rec.log)
        with pytest.raises(ParamError, match="must be"):
            call(rec)
        assert contents(rec.log) == before


@pytest.mark.parametrize("call", DATA.values(), ids=DATA.keys())
def test_input_that_is_not_what_it_should_be_is_a_data_error(tmp_path: Path, call: Call) -> None:
    with device(tmp_path) as rec:
        before = contents(rec.log)
        with pytest.raises(DataError):
            call(rec)
        assert contents(rec.log) == before


@pytest.mark.parametrize("call", USES.values(), ids=USES.keys())
def test_after_close_every_use_is_an_error_that_says_so(tmp_path: Path, call: Call) -> None:
    with settled(tmp_path / "me") as rec:
        rec.recommend()
        rec.export(tmp_path / "me.jsonl")
    with pytest.raises(Closed, match="open it again"):
        call(rec)


@pytest.mark.parametrize("call", USES.values(), ids=USES.keys())
def test_all_errors_have_one_root(tmp_path: Path, call: Call) -> None:
    rec = device(tmp_path)
    rec.close()
    with pytest.raises(Web3recError):
        call(rec)


@pytest.mark.parametrize(
    "options",
    [
        {"mode": "closed"},
        {"share_delay_hours": nan},
        {"share_delay_hours": -1},
        {"share_delay_hours": inf},
        {"seeds": did_key(ME.peer)},
        {"seeds": ("nobody",)},
        {"seeds": (b"short",)},
    ],
)
def test_options_cannot_be_wrong(options: dict[str, Any]) -> None:
    with pytest.raises((ParamError, DataError)):
        Options(**options)


def test_an_unknown_option_is_an_error() -> None:
    with pytest.raises(TypeError):
        Options(colour="red")  # type: ignore[call-arg]
