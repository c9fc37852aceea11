"""Gossipsub's router by hand: who gets what, when the mesh is mended, what is forgotten."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p.sim.naming import device_name
from p2p.sim.router import LIBRARY, OURS, SPEC, Router, RouterParams
from p2p.sim.rpc import Message, MessageId, Rpc
from p2p.transport import PeerName

ME = device_name(0)


class Bench:
    """A router, what it sent, what it was asked to accept."""

    def __init__(self, params: RouterParams = OURS, peers: int = 0, dialled: int = 0) -> None:
        self.sent: list[tuple[PeerName, Rpc]] = []
        self.asked: list[bytes] = []
        self.bad: set[bytes] = set()
        rng = np.random.default_rng(1)
        self.router = Router(ME, params, lambda p, r: self.sent.append((p, r)), self.accept, rng)
        self.peers = [device_name(i + 1) for i in range(peers)]
        for i, peer in enumerate(self.peers):
            self.router.joined(peer, outbound=i < dialled, now=0.0)

    def accept(self, _peer: PeerName, data: bytes) -> bool:
        self.asked.append(data)
        return data not in self.bad

    def mesh(self, *peers: PeerName) -> None:
        """Exactly these, by their own wish."""
        self.router.mesh.clear()
        for peer in peers:
            self.router.heard(peer, Rpc(graft=True), 0.0)
        self.sent.clear()

    def to(self, peer: PeerName) -> list[Rpc]:
        return [rpc for receiver, rpc in self.sent if receiver == peer]

    def got(self, number: int) -> list[PeerName]:
        return sorted(p for p, rpc in self.sent for m in rpc.messages if m.id == number)


def say(number: int, source: PeerName, data: bytes = b"news") -> Rpc:
    return Rpc(messages=(Message(MessageId(number), source, data),))


def test_an_accepted_message_goes_to_the_mesh_but_not_back() -> None:
    bench = Bench(peers=5)
    a, b, c, d, _ = bench.peers
    bench.mesh(a, b, c)
    bench.router.heard(a, say(1, b), 0.0)
    assert bench.got(1) == [c]
    bench.router.heard(d, say(2, d), 0.0)
    assert bench.got(2) == [a, b, c]


def test_Y3_what_is_not_accepted_is_neither_passed_on_nor_given_away() -> None:
    bench = Bench(peers=3)
    a, b, c = bench.peers
    bench.mesh(a, b, c)
    bench.bad.add(b"forged")
    bench.router.heard(a, say(1, a, b"forged"), 0.0)
    bench.router.heard(b, Rpc(iwant=(MessageId(1),)), 0.0)
    bench.router.heartbeat(1.0)
    assert bench.got(1) == []
    assert not any(rpc.ihave for _, rpc in bench.sent)


def test_each_message_is_judged_once_and_our_own_never() -> None:
    bench = Bench(peers=2)
    a, b = bench.peers
    bench.router.published(Message(MessageId(9), ME, b"mine"), 0.0)
    for peer in (a, b, a):
        bench.router.heard(peer, say(1, a), 0.0)
        bench.router.heard(peer, say(9, ME, b"mine"), 0.0)
    assert bench.asked == [b"news"]


@pytest.mark.parametrize(("params", "expected"), [(OURS, 2), (SPEC, 5)])
def test_own_messages_go_to_the_mesh_or_by_the_specification_to_all(
    params: RouterParams, expected: int
) -> None:
    bench = Bench(params, peers=5)
    bench.mesh(*bench.peers[:2])
    bench.router.published(Message(MessageId(1), ME, b"mine"), 0.0)
    assert len(bench.got(1)) == expected


def test_a_thin_mesh_is_filled_and_a_thick_one_thinned() -> None:
    bench = Bench(replace(LIBRARY, eager=False), peers=20)
    bench.router.heartbeat(1.0)
    assert len(bench.router.mesh) == OURS.degree
    assert sum(rpc.graft for _, rpc in bench.sent) == OURS.degree
    bench.mesh(*bench.peers[:13])
    bench.router.heartbeat(2.0)
    assert len(bench.router.mesh) == OURS.degree
    assert sum(rpc.prune for _, rpc in bench.sent) == 13 - OURS.degree


def test_by_the_specification_thinning_keeps_those_we_dialled() -> None:
    kept = [0, 0]
    for way, params in enumerate((LIBRARY, replace(LIBRARY, mesh_outbound=2))):
        bench = Bench(params, peers=40, dialled=2)
        bench.mesh(*bench.peers)
        bench.router.heartbeat(1.0)
        kept[way] = sum(peer in bench.router.mesh for peer in bench.peers[:2])
    assert kept == [1, 2]  # the seed's draw lets one of them go


def test_a_full_mesh_takes_no_more_callers_as_the_specification_has_it() -> None:
    for params, expected in ((LIBRARY, 14), (OURS, 12), (SPEC, 12)):
        bench = Bench(params, peers=14)
        bench.mesh(*bench.peers)
        assert len(bench.router.mesh) == expected


def test_who_was_pruned_by_us_may_not_graft_by_the_specification_yet_may_by_ours() -> None:
    for params, expected in ((OURS, True), (SPEC, False)):
        bench = Bench(replace(params, refuse_when_full=False), peers=13)
        bench.mesh(*bench.peers)
        bench.router.heartbeat(1.0)
        pruned = next(p for p, rpc in bench.sent if rpc.prune)
        bench.sent.clear()
        bench.router.heard(pruned, Rpc(graft=True), 2.0)
        assert (pruned in bench.router.mesh) is expected
        assert any(rpc.prune for rpc in bench.to(pruned)) is not expected


def test_who_pruned_us_is_not_grafted_until_the_backoff_is_over() -> None:
    bench = Bench(replace(OURS, eager=False), peers=1)
    (peer,) = bench.peers
    bench.router.heartbeat(1.0)
    assert peer in bench.router.mesh
    bench.router.heard(peer, Rpc(prune=True), 1.0)
    for second in range(2, 61):
        bench.router.heartbeat(float(second))
    assert peer not in bench.router.mesh
    bench.router.heartbeat(61.5)
    assert peer in bench.router.mesh


def test_others_are_told_of_a_message_for_three_heartbeats_and_can_have_it_for_five() -> None:
    bench = Bench(peers=6)
    bench.mesh()
    bench.router._backoff = {}
    bench.router._params = replace(OURS, low=0)  # nobody in the mesh, nobody grafted
    bench.router.published(Message(MessageId(1), ME, b"mine"), 0.0)
    for second in range(1, 7):
        bench.sent.clear()
        bench.router.heartbeat(float(second))
        assert all((rpc.ihave == (1,)) is (second <= 3) for _, rpc in bench.sent)
        assert bool(bench.sent) is (second <= 3)
        bench.sent.clear()
        bench.router.heard(bench.peers[0], Rpc(iwant=(MessageId(1),)), float(second))
        assert bool(bench.got(1)) is (second < 5)


def test_what_is_offered_and_unknown_is_asked_for_within_limits() -> None:
    bench = Bench(peers=1)
    (peer,) = bench.peers
    bench.router.heard(peer, say(1, peer), 0.0)
    bench.sent.clear()
    offered = tuple(MessageId(i) for i in range(1, 1_000))
    for _ in range(100):
        bench.router.heard(peer, Rpc(ihave=offered), 0.0)
    asked = [rpc for rpc in bench.to(peer) if rpc.iwant]
    assert len(asked) == OURS.calls_a_second
    assert all(rpc.iwant == offered[1 : OURS.max_ids] for rpc in asked)


def test_by_the_specification_nobody_gets_a_message_more_than_three_times() -> None:
    for params, expected in ((replace(OURS, calls_a_second=99), 8), (SPEC, 3)):
        bench = Bench(params, peers=1)
        bench.router.published(Message(MessageId(1), ME, b"mine"), 0.0)
        bench.sent.clear()
        for _ in range(8):
            bench.router.heard(bench.peers[0], Rpc(iwant=(MessageId(1),)), 0.0)
        assert len(bench.got(1)) == expected


def test_newcomers_hear_what_was_said_lately_in_ours() -> None:
    bench = Bench(peers=0)
    bench.router.published(Message(MessageId(1), ME, b"mine"), 0.0)
    bench.router.joined(device_name(5), outbound=False, now=1.0)
    assert bench.got(1) == [device_name(5)]
    assert device_name(5) in bench.router.mesh


CALLS = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from(["join", "leave", "graft", "prune", "say", "ihave", "iwant", "beat"]),
        st.integers(1, 8),
    ),
    max_size=60,
)


@given(CALLS, st.sampled_from([OURS, SPEC]))
def test_R8_whatever_peers_do_the_mesh_holds_neighbours_only_and_names_are_forgotten(
    calls: list[tuple[int, str, int]], params: RouterParams
) -> None:
    bench = Bench(replace(params, low=1, degree=2, high=3))
    router, now = bench.router, 0.0
    for who, what, number in calls:
        peer, id_ = device_name(who + 1), MessageId(number)
        now += 0.1
        match what:
            case "join":
                router.joined(peer, outbound=bool(number % 2), now=now)
            case "leave":
                router.left(peer)
            case "beat":
                router.heartbeat(now)
                assert len(router.mesh) <= 3 + (2 if params is SPEC else 0)
            case "say":
                router.heard(peer, say(number, peer), now)
            case "ihave":
                router.heard(peer, Rpc(ihave=(id_,)), now)
            case "iwant":
                router.heard(peer, Rpc(iwant=(id_,)), now)
            case _:
                router.heard(peer, Rpc(graft=what == "graft", prune=what == "prune"), now)
        assert router.mesh.keys() <= router.peers.keys()
    for peer in list(router.peers):
        router.left(peer)
    for beat in range(1, 8):
        router.heartbeat(now + 61 + beat)
    assert router.entries == 0
    assert all(m.source == ME or m.data in bench.asked for _, r in bench.sent for m in r.messages)
