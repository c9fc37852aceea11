"""Peers in the local network: who is told what, and that strangers' records cannot hurt."""

import gc
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p.errors import NodeError
from p2p.mdns import HEARD_BURST, MAX_ANNOUNCED, SERVICE, Heard, Mdns, told, txt_of
from p2p.mdns_zeroconf import ZeroconfResponder
from p2p.transport import PeerName
from tests.p2p.places import peer, public


def home(n: int) -> str:
    """The n-th peer's address in a network at home."""
    return f"/ip4/192.168.1.{n}/tcp/4001/p2p/{peer(n)}"


class Network:
    """A local network in which everybody hears every announcement, at once."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.announced: list[tuple[str, int, bytes]] = []
        self.goodbyes = 0

    def say(self, name: str, txt: bytes) -> None:
        for heard in tuple(self.heard):
            heard(name, txt)


class FakeResponder:
    def __init__(self, network: Network) -> None:
        self._network = network
        self._heard: Heard | None = None
        self._mine: tuple[str, int, bytes] | None = None

    def browse(self, heard: Heard) -> None:
        self._heard = heard
        self._network.heard.append(heard)

    def announce(self, name: str, port: int, txt: bytes) -> None:
        self._mine = (name, port, txt)
        self._network.announced.append(self._mine)
        self._network.say(name, txt)

    def hush(self) -> None:
        if self._mine is not None:
            self._network.announced.remove(self._mine)
            self._network.goodbyes += 1
            self._mine = None

    def close(self) -> None:
        if self._heard is not None:
            self._network.heard.remove(self._heard)


class Seat:
    """One device in a network, and what it found."""

    def __init__(self, network: Network, n: int) -> None:
        self.found: list[str] = []
        self.now = 0.0
        self.mdns = Mdns(
            peer(n),
            self.found.extend,
            lambda: FakeResponder(network),
            clock=lambda: self.now,
        )


def test_two_devices_find_each_other() -> None:
    network = Network()
    ann, bob = Seat(network, 1), Seat(network, 2)
    ann.mdns.open()
    bob.mdns.open()
    assert ann.mdns.announce([home(1)])
    assert bob.mdns.announce([home(2)])
    assert (ann.found, bob.found) == ([home(2)], [home(1)]), "nobody finds itself"
    ((name, port, _), _) = network.announced
    assert name.endswith(SERVICE)
    assert (len(name), port) == (32 + 1 + len(SERVICE), 4001)


def test_who_only_asks_announces_nothing() -> None:
    network = Network()
    ann = Seat(network, 1)
    ann.mdns.open()
    network.say(f"bob.{SERVICE}", txt_of([home(2)]))
    assert ann.found == [home(2)]
    assert network.announced == []


def test_only_addresses_of_the_local_network_are_announced() -> None:
    network = Network()
    ann = Seat(network, 1)
    assert not ann.mdns.announce([public(3), f"/ip4/127.0.0.1/tcp/4001/p2p/{peer(1)}", "junk"])
    assert network.announced == []
    assert ann.mdns.announce([public(3), home(1)])
    ((_, _, txt),) = network.announced
    assert told(txt) == (home(1),)


def test_who_is_paused_is_silent_and_says_goodbye() -> None:
    network = Network()
    ann, bob = Seat(network, 1), Seat(network, 2)
    ann.mdns.announce([home(1)])
    ann.mdns.hush()
    assert (network.announced, network.goodbyes) == ([], 1)
    ann.mdns.announce([home(1)])
    ann.mdns.close()
    bob.mdns.announce([home(2)])
    assert network.goodbyes == 2
    assert ann.found == [], "closed: it hears nothing either"
    ann.mdns.close()
    ann.mdns.hush()
    ann.mdns.open()
    network.say(f"bob.{SERVICE}", txt_of([home(2)]))
    assert ann.found == [home(2)], "it may be opened again"


def test_a_new_announcement_replaces_the_old_one_under_another_name() -> None:
    network = Network()
    ann = Seat(network, 1)
    ann.mdns.announce([home(1)])
    first = network.announced[0]
    ann.mdns.announce([home(1)])
    assert len(network.announced) == 1
    assert network.announced[0][0] != first[0]


def test_a_flood_of_announcements_is_heard_in_part() -> None:
    network = Network()
    ann = Seat(network, 1)
    ann.mdns.open()
    for _ in range(500):
        network.say(f"x.{SERVICE}", txt_of([home(2)]))
    assert len(ann.found) == HEARD_BURST
    ann.now = 1.0
    network.say(f"x.{SERVICE}", txt_of([home(3)]))
    assert ann.found[-1] == home(3)


def test_other_services_are_none_of_ours() -> None:
    network = Network()
    ann = Seat(network, 1)
    ann.mdns.open()
    network.say("printer._ipp._tcp.local.", txt_of([home(2)]))
    assert ann.found == []


@pytest.mark.parametrize(
    ("txt", "texts"),
    [
        (b"", ()),
        (b"\x00", ()),
        (b"\x09dnsaddr=a\x09DNSADDR=b", ("a", "b")),
        (b"\x04id=1\x09dnsaddr=a", ("a",)),
        (b"\x09dnsaddr=a\xffdnsaddr=b", ("a",)),
        (b"\x0adnsaddr=\xc3\xa4\x09dnsaddr=a", ("a",)),
        (b"\x09dnsaddr=a" * 99, ("a",) * MAX_ANNOUNCED),
    ],
)
def test_a_txt_record_by_hand(txt: bytes, texts: tuple[str, ...]) -> None:
    assert told(txt) == texts


strings = st.one_of(
    st.binary(max_size=60), st.binary(max_size=60).map(lambda tail: b"dnsaddr=" + tail)
)
records = st.one_of(
    st.binary(max_size=400),
    st.lists(strings, max_size=12).map(lambda all_: b"".join(bytes([len(s)]) + s for s in all_)),
)


@given(st.text(max_size=40), records)
def test_R1_whatever_a_stranger_announces_is_addresses_or_nothing(name: str, txt: bytes) -> None:
    ann = Seat(network := Network(), 1)
    ann.mdns.open()
    network.say(f"{name}.{SERVICE}", txt)
    assert len(told(txt)) <= MAX_ANNOUNCED
    assert all(text.isascii() for text in told(txt))
    assert ann.found == []


@given(st.lists(st.integers(2, 250), max_size=MAX_ANNOUNCED))
def test_what_is_announced_is_what_is_told(hosts: list[int]) -> None:
    texts = tuple(home(n) for n in hosts)
    assert told(txt_of([*texts, "x" * 250])) == texts


# -- the real thing -------------------------------------------------------------------------------

LOOPBACK = "127.0.0.1"


def multicast_works() -> bool:
    """Whether a packet to a group on loopback comes back to us."""
    with ExitStack() as stack:
        receiver, sender = (
            stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in "rs"
        )
        member = socket.inet_aton("239.255.77.77") + socket.inet_aton(LOOPBACK)
        try:
            receiver.bind(("", 0))
            receiver.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
            receiver.settimeout(1)
            out = socket.inet_aton(LOOPBACK)
            sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, out)
            sender.sendto(b"?", ("239.255.77.77", receiver.getsockname()[1]))
            return receiver.recv(9) == b"?"
        except OSError:
            return False


def on_loopback() -> ZeroconfResponder:
    return ZeroconfResponder([LOOPBACK])


@pytest.fixture
def opened() -> Iterator[Callable[[Mdns], Mdns]]:
    """Closes what a test opened."""
    with ExitStack() as stack:

        def keep(mdns: Mdns) -> Mdns:
            stack.callback(mdns.close)
            return mdns

        yield keep


@pytest.mark.slow
@pytest.mark.network
def test_two_real_responders_find_each_other_past_a_stranger_s_nonsense(
    opened: Callable[[Mdns], Mdns],
) -> None:
    if not multicast_works():
        pytest.skip("no multicast on loopback here")
    found: list[str] = []
    met = threading.Event()

    def hear(texts: tuple[str, ...]) -> None:
        found.extend(texts)
        met.set()

    ann = opened(Mdns(peer(1), hear, on_loopback))
    ann.open()
    stranger = on_loopback()
    try:
        stranger.announce(f"nonsense.{SERVICE}", 1, b"\xff\x00dnsaddr=\xff" * 20)
        bob = opened(Mdns(peer(2), lambda _: None, on_loopback))
        assert bob.announce([home(2), public(4)])
        assert met.wait(20)
    finally:
        stranger.close()
    assert set(found) == {home(2)}


@pytest.mark.network
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_where_there_is_no_multicast_it_says_so() -> None:
    with pytest.raises(NodeError, match=r"mdns cannot use multicast here: .+; switch it off"):
        ZeroconfResponder(["192.0.2.77"])  # an address this machine does not have
    gc.collect()  # zeroconf leaves a socket to the collector here, which complains


def test_our_own_name_is_not_reported() -> None:
    network = Network()
    ann = Seat(network, 1)
    ann.mdns.open()
    network.say(f"x.{SERVICE}", txt_of([home(1), home(2)]))
    assert ann.found == [home(2)]
    assert PeerName(ann.found[0].rpartition("/")[2]) == peer(2)
