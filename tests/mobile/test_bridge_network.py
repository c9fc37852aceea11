"""The bridge's network: people, the node's life beside the store's, and what is told of both."""

from pathlib import Path

from mobile.bridge.wire import ABSENT, OFF
from mobile.preferences import Preferences
from p2p.errors import NodeError
from tests.mobile.bridged import PATIENCE, empty, lived, neighbour, rig
from tests.strategies import NOW
from tests.web3rec.devices import FRIENDS, STRANGERS
from web3rec.records import did_key

ADDRESS = "/ip4/127.0.0.1/tcp/4002/p2p/other"


def test_no_node_before_the_network_is_allowed_and_one_from_then_on(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        assert app.nodes == []
        assert app.state.chip.text == "offline · from this phone"
        app.bridge.allow_network("")
        app.settle()
        app.bridge.allow_network("on a metered network")
        state = app.settle()
        assert (state.network.headline, state.network.detail) == ("Offline", "on a metered network")
        app.bridge.allow_network("")
        app.settle()
        assert [node.calls for node in app.nodes] == [["start", "pause", "resume", "catch up"]]
        assert app.state.chip.text == "no peers yet · from this phone"


def test_the_person_s_own_switch_pauses_it_whatever_is_allowed(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        app.bridge.allow_network("")
        app.settle()
        app.bridge.use_network(on=False)
        assert not app.state.network.on
        assert app.settle().network.detail == OFF
        assert app.nodes[0].state == "paused"
        assert app.chosen == [Preferences(network_on=False)]


def test_of_many_changes_of_mind_the_last_one_counts(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        for why_not in ("", "airplane mode", "", "airplane mode"):
            app.bridge.allow_network(why_not)
        app.settle()
        assert all(node.state in ("paused", "closed") for node in app.nodes)
        app.bridge.allow_network("")
        app.settle()
        assert app.nodes[-1].state == "running"


def test_a_build_without_a_network_says_so(tmp_path: Path) -> None:
    with rig(tmp_path, network=False) as app:
        app.bridge.allow_network("")
        app.bridge.catch_up()
        assert app.settle().network.detail == ABSENT


def test_a_wish_to_catch_up_shows_at_once_and_reaches_the_node(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        app.bridge.allow_network("")
        app.settle()
        app.bridge.catch_up()
        assert app.nodes[0].calls == ["start", "catch up"]
        app.settle()
        app.bridge.tick(1.0)
        assert not app.state.chip.busy
        app.bridge.use_network(on=False)
        app.bridge.catch_up()
        app.settle()
        assert app.nodes[0].calls == ["start", "catch up", "pause"]


def test_the_chip_counts_peers_and_says_when_they_were_synced(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        app.bridge.allow_network("")
        app.settle()
        now = NOW / 1000
        app.nodes[0].neighbours = (
            neighbour("16Uiu2AbcdefghijklmnK9Qa", synced=now - 130),
            neighbour("12D3KooWshort", synced=0, outbound=False),
        )
        app.bridge.tick(1.0)
        state = app.state
        assert (state.chip.text, state.chip.online) == ("2 peers · synced", True)
        assert state.network.headline == "2 peers · synced 2 min ago"
        assert [one.detail for one in state.network.connections] == [
            "we dialled · synced 2 min ago", "dialled us · not synced yet",
        ]  # fmt: skip
        assert state.network.connections[0].peer == "16Uiu2…K9Qa"
        app.clock.pass_days(1)
        app.bridge.tick(2.0)
        assert app.state.chip.busy


def test_a_network_that_cannot_be_had_is_told_and_tried_again_when_wanted(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        app.node_fails = NodeError("no libp2p: install it")
        app.bridge.allow_network("")
        assert app.settle().network.detail == "no libp2p: install it."
        assert app.shown()
        app.node_fails = None
        app.bridge.catch_up()
        assert app.settle().network.detail == ""
        assert app.nodes[-1].state == "running"


def test_dialling_says_what_is_wrong_at_first_sight_and_later_why_it_failed(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        app.bridge.dial("example.org:4001")
        assert app.state.notice is not None
        assert app.state.notice.error
        app.bridge.dial(ADDRESS)
        app.settle()
        app.bridge.allow_network("")
        app.settle()
        assert app.nodes[0].calls == [f"dial {ADDRESS}", "start"]
        app.nodes[0].unreachable = {ADDRESS: "connection refused"}
        app.bridge.tick(1.0)
        notice = app.state.notice
        assert notice is not None
        assert notice.text == "Not reached: Connection refused."
        app.bridge.dismiss(notice.id)
        app.bridge.tick(2.0)
        assert app.state.notice is None


def test_traffic_goes_on_counting_over_nodes_and_is_a_part_of_the_day_s(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        app.bridge.allow_network("")
        app.settle()
        app.nodes[0].bytes_synced = 20_000_000
        assert app.bridge.let_go(PATIENCE)
        app.bridge.take_back()
        app.settle()
        app.nodes[1].bytes_synced = 5_000_000
        assert app.bridge.traffic() == 25_000_000
        app.bridge.tick(1.0)
        assert (app.state.network.traffic, app.state.network.used) == ("25 MB today, of 50 MB", 0.5)


def test_people_stand_trusted_first_with_what_they_told(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        people = app.state.network.people
        assert [one.name for one in people[:4]] == [f"friend {n}" for n in range(4)] or {
            one.name for one in people[:4]
        } == {f"friend {n}" for n in range(4)}
        assert all(one.trust == 0.5 and one.reach > 0 for one in people[:4])
        assert {one.peer for one in people[4:]} == {did_key(one.peer) for one in STRANGERS}
        assert all(one.trust is None and "…" in one.name for one in people[4:])
        assert people[0].detail.endswith("records · last active today")
        assert app.state.network.me == did_key(app.rec.me)
        assert app.state.network.others == 0


def test_trust_shows_at_once_is_kept_and_can_be_undone(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        peer = did_key(FRIENDS[1].peer)

        def trust() -> float | None:
            return {one.peer: one.trust for one in app.state.network.people}[peer]

        app.bridge.trust(peer, 1.0)
        assert trust() == 1.0
        app.settle()
        assert trust() == 1.0
        notice = app.state.notice
        assert notice is not None
        assert notice.text == "You trust friend 1: 100%"
        app.bridge.undo(notice.id)
        app.settle()
        assert trust() == 0.5
        app.bridge.trust(peer, 0)
        app.settle()
        assert trust() is None
        notice = app.state.notice
        assert notice is not None
        app.bridge.undo(notice.id)
        app.settle()
        assert (trust(), app.rec.log.names()[FRIENDS[1].peer]) == (0.5, "friend 1")


def test_somebody_new_is_trusted_by_name_and_a_wrong_key_is_told(tmp_path: Path) -> None:
    with rig(tmp_path, empty) as app:
        app.bridge.trust(did_key(FRIENDS[0].peer), 0.5, "friend 12")
        state = app.settle()
        assert [(one.name, one.trust) for one in state.network.people] == [("friend 12", 0.5)]
        app.bridge.trust("did:key:nobody", 0.5, "x")
        notice = app.settle().notice
        assert notice is not None
        assert notice.error
        assert len(app.state.network.people) == 1


def test_who_is_blocked_is_not_heard_until_it_is_undone(tmp_path: Path) -> None:
    with rig(tmp_path, lived) as app:
        peer = did_key(FRIENDS[2].peer)
        app.bridge.block(peer, blocked=True)
        state = app.settle()
        blocked = {one.peer: one for one in state.network.people}[peer]
        assert (blocked.blocked, blocked.reach, blocked.detail) == (
            True,
            0.0,
            "blocked · not heard",
        )
        assert state.notice is not None
        assert state.notice.text == "Blocked: friend 2"
        app.bridge.undo(state.notice.id)
        assert not {one.peer: one for one in app.settle().network.people}[peer].blocked
        assert app.rec.log.blocked() == frozenset()


def test_less_from_who_is_not_trusted_by_oneself_explains(tmp_path: Path) -> None:
    with rig(tmp_path) as app:
        app.bridge.less_from(did_key(STRANGERS[0].peer))
        notice = app.settle().notice
        assert notice is not None
        assert not notice.undo
