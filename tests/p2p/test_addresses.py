"""Addresses from anybody: one spelling each, a place, and nothing that cannot be dialled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p.addresses import NOWHERE, Reach, Whereabouts, address, whereabouts

PEER = "12D3KooWGRUwWyU8pTD9ssaGBMXDbXwp9V9Yt4pbsWGZhJBoxL5V"


def at(host: str, port: object = 4001, peer: str = PEER) -> str:
    return f"/{host}/tcp/{port}/p2p/{peer}"


@pytest.mark.parametrize(
    ("host", "place", "reach"),
    [
        ("ip4/8.20.30.40", "8.20.30.0/24", Reach.PUBLIC),
        ("ip4/127.0.0.1", "", Reach.LOOPBACK),
        ("ip4/127.9.9.9", "", Reach.LOOPBACK),
        ("ip4/192.168.1.20", "192.168.1.0/24", Reach.LOCAL),
        ("ip4/10.0.0.1", "10.0.0.0/24", Reach.LOCAL),
        ("ip4/100.64.3.4", "100.64.3.0/24", Reach.LOCAL),
        ("ip6/2a00:1450:4001:81b::200e", "2a00:1450:4001::/48", Reach.PUBLIC),
        ("ip6/fd12:3456:789a::1", "fd12:3456:789a::/48", Reach.LOCAL),
        ("ip6/::1", "", Reach.LOOPBACK),
        ("dns4/node.example.org", "example.org", Reach.PUBLIC),
        ("dns/a.b.example.org", "example.org", Reach.PUBLIC),
    ],
)
def test_where_an_address_is(host: str, place: str, reach: Reach) -> None:
    found = address(at(host))
    assert found is not None
    assert (found.at, found.peer, found.port) == (Whereabouts(place, reach), PEER, 4001)
    assert found.text == at(host)
    assert found.named == host.startswith("dns")
    assert whereabouts(f"/{host}/tcp/4001") == found.at


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        at("ip4/0.0.0.0"),
        at("ip4/255.255.255.255"),
        at("ip4/224.0.0.1"),
        at("ip4/169.254.1.1"),
        at("ip4/203.0.113.7"),
        at("ip4/240.0.0.1"),
        at("ip4/1.2.3"),
        at("ip4/1.2.3.04"),
        at("ip4/8.20.30.40 "),
        at("ip4/::1"),
        at("ip6/8.20.30.40"),
        at("ip6/::"),
        at("ip6/::ffff:8.20.30.40"),
        at("ip6/2002:808:808::1"),
        at("ip6/fe80::1"),
        at("ip6/fe80::1%eth0"),
        at("ip6/ff02::1"),
        at("dns4/localhost"),
        at("dns4/-a.example"),
        at("dns4/ä.example"),
        at("dns4/a..example"),
        at("dns4/" + "a." * 130 + "example"),
        at("dnsaddr/example.org"),
        at("ip4/8.20.30.40", 0),
        at("ip4/8.20.30.40", 65536),
        at("ip4/8.20.30.40", "080"),
        at("ip4/8.20.30.40", "٤٢"),
        at("ip4/8.20.30.40", "-1"),
        at("ip4/8.20.30.40", peer=""),
        at("ip4/8.20.30.40", peer="0OIl" * 13),
        at("ip4/8.20.30.40", peer=PEER * 2),
        at("ip4/8.20.30.40") + "/",
        at("ip4/8.20.30.40") + "/p2p-circuit",
        "/ip4/8.20.30.40/udp/4001/p2p/" + PEER,
        "/ip4/8.20.30.40/tcp/4001",
        None,
        b"/ip4",
        7,
    ],
)
def test_what_nobody_can_dial_is_no_address(text: object) -> None:
    assert address(text) is None


def test_another_spelling_is_the_same_address() -> None:
    assert address(at("ip6/2A00:1450:4001:081B:0:0:0:200E")) == address(
        at("ip6/2a00:1450:4001:81b::200e")
    )
    assert address(at("dns4/Node.Example.ORG")) == address(at("dns4/node.example.org"))


def test_a_connection_tells_where_it_comes_from_even_if_nobody_can_dial_there() -> None:
    assert whereabouts("/ip4/203.0.113.7/tcp/9") == Whereabouts("203.0.113.0/24", Reach.PUBLIC)
    assert whereabouts("/ip6/::ffff:8.20.30.40/tcp/9").place


@pytest.mark.parametrize(
    "text", ["", "/memory/ann", f"/ip4/8.8.8.8/tcp/1/p2p/{PEER}/p2p-circuit", "what", "/ip4", "//"]
)
def test_behind_a_relay_or_a_text_is_nowhere(text: str) -> None:
    assert whereabouts(text) == NOWHERE


parts = st.sampled_from(
    ["", "ip4", "ip6", "dns", "tcp", "p2p", "8.8.8.8", "::1", "4001", PEER, "x.example", "%", "\0"]
)


@given(st.one_of(st.text(max_size=300), st.lists(parts, max_size=9).map("/".join)))
def test_R1_any_text_is_an_address_in_its_one_spelling_or_none(text: str) -> None:
    found = address(text)
    assert found is None or address(found.text) == found
    assert whereabouts(text).reach in Reach
