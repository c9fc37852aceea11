"""The clients, against a live node: they say and hear the same, and errors are typed."""

import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from p2p import AsyncClient, Client, ControlError
from p2p.control.calls import Blocks, Event
from tests.p2p.control.devices import ADDRESS, ANN_DID, FakeDevice, serving

LINES: Final[bytes] = b'{"type": "act", "kind": "like", "item": "trk:77", "at": 1000}\n'
SCRIPT: Final[tuple[tuple[str, Callable[[Any], Any]], ...]] = (
    ("status", lambda node: node.status()),
    ("peers", lambda node: node.peers()),
    ("book", lambda node: node.book()),
    ("people", lambda node: node.people(others=5)),
    ("trust", lambda node: node.trust(ANN_DID, 0.5, name="Ann")),
    ("block", lambda node: node.block(ANN_DID)),
    ("blocks", lambda node: node.blocks()),
    ("unblock", lambda node: node.block(ANN_DID, blocked=False)),
    ("level", lambda node: node.set_level(2)),
    ("level again", lambda node: node.level()),
    ("items", lambda node: node.add_items([{"id": "trk:1", "title": "One"}])),
    ("record", lambda node: node.record("play", "trk:1", weight=2, title="Uno", at=1_000)),
    ("recommend", lambda node: node.recommend(2, exclude=["trk:bop"])),
    ("words", lambda node: node.recommend(words=["train"])),
    ("explain", lambda node: node.explain("trk:bop")),
    ("outbox", lambda node: node.outbox()),
    ("rehearse", lambda node: node.forget(since=0, rehearse=True)),
    ("forget", lambda node: node.forget(item="trk:1")),
    ("distrust", lambda node: node.distrust(ANN_DID)),
    ("dial", lambda node: node.dial(ADDRESS)),
    ("ban", lambda node: node.ban("12D3KooWBob", 60)),
    ("unban", lambda node: node.unban("12D3KooWBob")),
    ("sync", lambda node: node.sync()),
    ("pause", lambda node: node.pause()),
    ("resume", lambda node: node.resume()),
    ("ready", lambda node: node.ready()),
    ("metrics", lambda node: "web3rec_peers" in node.metrics()),
    ("shut down", lambda node: node.shut_down()),
    ("withhold", lambda node: node.withhold(tag="secret")),
    ("withheld", lambda node: node.withheld()),
    ("unwithhold", lambda node: node.unwithhold(tag="secret")),
    ("unwithhold an item", lambda node: node.unwithhold(item="trk:9")),
    ("private", lambda node: node.private_session(True)),
    ("private still", lambda node: node.private_session()),
    ("in the open", lambda node: node.private_session(False)),
    ("import", lambda node: node.import_(LINES)),
    ("forget all", lambda node: node.forget(everything=True)),
)
VARIES: Final = (
    "did", "envelope", "author", "n", "records_", "addresses", "proofs", "signature", "took_ms",
)  # fmt: skip


def settled(value: Any) -> Any:
    """Without what differs between two stores."""
    if isinstance(value, dict):
        return {k: settled(v) for k, v in value.items() if k not in VARIES}
    if isinstance(value, list):
        return [settled(one) for one in value]
    return value


def through_both(tmp_path: Path) -> tuple[list[Any], list[Any]]:
    said: list[Any] = []
    with serving(tmp_path / "a", metrics=True, stop=lambda: None), Client(tmp_path / "a") as node:
        said = [settled(call(node)) for _, call in SCRIPT]
    heard: list[Any] = []

    async def talk() -> None:
        async with AsyncClient(tmp_path / "b") as node:
            for name, call in SCRIPT:
                if name == "metrics":
                    heard.append("web3rec_peers" in await node.metrics())
                else:
                    heard.append(settled(await call(node)))

    with serving(tmp_path / "b", metrics=True, stop=lambda: None):
        trio.run(talk)
    return said, heard


@pytest.mark.network
def test_both_clients_say_and_hear_the_same(tmp_path: Path) -> None:
    said, heard = through_both(tmp_path)
    assert len(said) == len(SCRIPT)
    for (name, _), one, other in zip(SCRIPT, said, heard, strict=True):
        assert one == other, name


@pytest.mark.network
def test_what_is_asked_for_is_done(tmp_path: Path) -> None:
    device = FakeDevice()
    with serving(tmp_path / "s", device) as (_server, rec), Client(tmp_path / "s") as node:
        node.dial(ADDRESS)
        node.ban("12D3KooWBob", 60)
        node.unban("12D3KooWBob")
        node.sync()
        assert device.told == [
            ("dial", ADDRESS), ("ban", "12D3KooWBob", 60.0), ("unban", "12D3KooWBob"),
            ("catch_up",),
        ]  # fmt: skip
        assert node.pause() == {"state": "paused"}
        assert node.record("like", "trk:new", title="New") == {"acts": 1, "records": 1}
        assert node.record("skip", "trk:other") == {"acts": 1, "records": 0}
        assert ("trk:new", "like") in [(item, kind) for item, kind, *_ in rec.log.history()]
        plan = node.forget(item="trk:new", rehearse=True)
        assert plan["dry_run"]
        assert plan["removed"]["records"] == 1
        assert any(item == "trk:new" for item, *_ in rec.log.history())
        assert node.forget(item="trk:new")["removed"] == plan["removed"]
        assert not any(item == "trk:new" for item, *_ in rec.log.history())
        node.trust(ANN_DID, 0.3)
        assert node.people()["people"][0]["trust"] == 0.25  # eighths
        node.distrust(ANN_DID)
        assert node.people()["people"] == []
        node.set_level(0)
        assert rec.log.level == 0
        assert node.outbox()["records"] == []


@pytest.mark.network
def test_acts_come_in_whole_or_not_at_all(tmp_path: Path) -> None:
    with serving(tmp_path / "s") as (_server, rec), Client(tmp_path / "s") as node:
        before = rec.log.history()
        good = {"event": "like", "item": "trk:a"}
        for bad in ({"event": "like"}, {"event": "love", "item": "x"}, good | {"at": 10**15}):
            with pytest.raises(ControlError):
                node.record_many([good, bad])
        assert rec.log.history() == before
        assert node.record_many([good] * 3)["acts"] == 3


@pytest.mark.network
def test_what_is_withheld_or_done_in_private_does_not_wait_to_leave(tmp_path: Path) -> None:
    with serving(tmp_path / "s"), Client(tmp_path / "s") as node:
        node.record("like", "trk:1")
        assert "trk:1" in {one["known_as"] for one in node.outbox()["records"]}
        assert node.withhold(item="trk:1")["stopped"] == 1
        assert node.withheld() == {"items": ["trk:1"], "tags": []}
        node.private_session(True)
        node.record("like", "trk:2")
        node.private_session(False)
        waiting = {one["known_as"] for one in node.outbox()["records"]}
        assert waiting.isdisjoint({"trk:1", "trk:2"})
        assert node.unwithhold(item="trk:1") == {"was": True}


@pytest.mark.network
def test_a_history_goes_out_and_comes_in_whole_and_only_once(tmp_path: Path) -> None:
    with serving(tmp_path / "a"), Client(tmp_path / "a") as node:
        node.record("collect", "trk:moved", title="Moved")
        lines = node.export()
        assert node.import_(lines) == {"acts": 0}
        with pytest.raises(ControlError, match="body line 2") as caught:
            node.import_(LINES + b'{"type": "act", "item": "trk:canary"}')
        assert "canary" not in str(caught.value)
    with serving(tmp_path / "b") as (_server, rec), Client(tmp_path / "b") as node:
        assert node.import_(lines)["acts"] >= 1
        assert "trk:moved" in {item for item, *_ in rec.log.history()}


@pytest.mark.network
def test_errors_carry_a_code_a_status_and_words(tmp_path: Path) -> None:
    with serving(tmp_path / "s"), Client(tmp_path / "s") as node:
        with pytest.raises(
            ControlError, match="level must be a whole number from 0 to 3"
        ) as caught:
            node.set_level(9)
        assert (caught.value.code, caught.value.status) == ("wrong_value", 400)
        with pytest.raises(ControlError) as caught:
            node.explain("trk:jazz")
        assert (caught.value.code, caught.value.status) == ("not_in_list", 404)
        with pytest.raises(ControlError) as caught:
            node.metrics()
        assert caught.value.code == "not_found"
        with pytest.raises(ControlError) as caught:
            node.record("like", "trk:a", weight=float("nan"))  # type: ignore[arg-type]
        assert caught.value.code == "wrong_call"
        with pytest.raises(ControlError) as caught:
            node.trust(node.status()["did"])
        assert caught.value.code == "wrong_value"


def test_nobody_at_home_is_an_error_that_says_so(tmp_path: Path) -> None:
    with Client(tmp_path / "none.sock") as node:
        with pytest.raises(ControlError, match="is it running") as caught:
            node.status()
        assert (caught.value.code, caught.value.status) == ("unreachable", 0)
        with pytest.raises(ControlError):
            next(node.events())
    wrong: list[dict[str, Any]] = [
        {},
        {"path": tmp_path, "url": "http://x"},
        {"path": tmp_path, "token": "t"},
    ]
    for one in wrong:
        with pytest.raises(ControlError) as caught:
            Client(**one)
        assert caught.value.code == "wrong_call"


@pytest.mark.network
def test_over_tcp_with_its_token(tmp_path: Path) -> None:
    store = tmp_path / "s"
    with serving(store, tcp_port=0, socket="") as (server, _rec):
        token = (store / "control-read.token").read_text().strip()
        with Client(url=server.url, token=token) as node:
            assert node.level()["level"] == 1
            with pytest.raises(ControlError) as caught:
                node.set_level(0)
            assert caught.value.code == "read_only_token"
            assert next(node.events()).kind == "state"
        with Client(url=server.url) as node, pytest.raises(ControlError) as caught:
            next(node.events())
        assert (caught.value.code, caught.value.status) == ("no_token", 401)


@pytest.mark.network
def test_events_tell_of_changes(tmp_path: Path) -> None:
    with serving(tmp_path / "s"), Client(tmp_path / "s") as node:
        events = node.events()
        assert [next(events).kind for _ in range(3)] == ["state", "peers", "records"]
        node.record("like", "trk:new")
        assert next(events).kind == "recommendations_changed"
        node.pause()
        assert next(events) == Event("state", {"state": "paused"})
        assert next(events) == Event("peers", {"connected": 0, "out": 0, "in": 0})
        events.close()


@pytest.mark.network
async def test_events_tell_an_event_loop_too(tmp_path: Path) -> None:
    with serving(tmp_path / "s"):
        async with AsyncClient(tmp_path / "s") as node:
            events = node.events()
            found = [(await anext(events)).kind for _ in range(3)]
            await events.aclose()
    assert found == ["state", "peers", "records"]


@given(cuts=st.lists(st.integers(0, 60), max_size=6))
def test_a_stream_of_events_is_read_however_it_is_cut(cuts: list[int]) -> None:
    stream = b': beat\n\nevent: peers\ndata: {"in": 1}\n\nevent: closing\ndata: {}\n\n'
    edges = [0, *sorted(cuts), len(stream)]
    blocks, found = Blocks(), []
    for start, end in pairwise(edges):
        found += blocks.feed(stream[start:end])
    assert found == [Event("peers", {"in": 1})]
    assert blocks.over


def test_a_listener_that_was_dropped_is_told_by_an_error() -> None:
    with pytest.raises(ControlError) as caught:
        Blocks().feed(b'event: dropped\ndata: {"why": "slow"}\n\n')
    assert caught.value.code == "dropped"


def test_the_client_needs_neither_trio_nor_libp2p_nor_numpy() -> None:
    script = (
        "import sys\n"
        "for name in ('trio', 'libp2p', 'h11_server', 'numpy', 'prometheus_client'):\n"
        "    sys.modules[name] = None\n"
        "from p2p import Client, ControlError\n"
        "try:\n    Client('/nowhere/control.sock').status()\n"
        "except ControlError as error:\n    print(error.code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout, done.stderr) == ("unreachable\n", "")
