"""Where a peer can be dialled: multiaddresses as text, read by hand, from anybody.

Only the ones this network dials: /ip4|ip6|dns|dns4|dns6/<host>/tcp/<port>/p2p/<peer id>. Pure and
total: a stranger's text is an address or None. The libp2p host has a reader of its own, which
knows much more and costs a second to load.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from p2p.transport import PeerName

MAX_TEXT: Final = 256
"""Characters of an address at most; the longest legal name with all else fits in 340, but no
real one comes near."""

_PORT: Final = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)
_PEER: Final = re.compile(r"[1-9A-HJ-NP-Za-km-z]{46,62}")
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_LOCAL: Final = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"))
)
"""RFC 1918, 6598 and 4193. Link-local addresses mean nothing without an interface."""


class Reach(IntEnum):
    """From where an address can be dialled; a higher one from further away."""

    LOOPBACK = 0
    LOCAL = 1
    PUBLIC = 2


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where something is, as far as an address tells."""

    place: str
    """Whose addresses one owner probably has all of: the /24 or /48, of a name the last two
    labels; "" on loopback and where we do not know, which are exempt from limits a place."""
    reach: Reach
    """PUBLIC where we do not know: the strictest of the three."""


NOWHERE: Final = Whereabouts("", Reach.PUBLIC)


@dataclass(frozen=True, slots=True)
class Address:
    """One address of one peer."""

    text: str
    """In its one spelling, ready to be dialled."""
    peer: PeerName
    at: Whereabouts
    port: int
    named: bool = False
    """True if it is a DNS name, which leads wherever its owner says at the moment."""


def address(text: object) -> Address | None:
    """The address a stranger's text spells, or None. Cost: about 12 µs."""
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        return None
    parts = text.split("/")
    if len(parts) != 7 or (parts[0], parts[3], parts[5]) != ("", "tcp", "p2p"):
        return None
    kind, host, port, peer = parts[1], parts[2], parts[4], parts[6]
    found = _host(kind, host)
    if found is None or not _PORT.fullmatch(port) or int(port) > 65535:
        return None
    if not _PEER.fullmatch(peer):
        return None
    host, at, dialable = found
    if not dialable:
        return None
    spelled = f"/{kind}/{host}/tcp/{port}/p2p/{peer}"
    return Address(spelled, PeerName(peer), at, int(port), named=kind.startswith("dns"))


def whereabouts(text: str) -> Whereabouts:
    """Where the other end of a connection is; NOWHERE if its address does not tell. Total.

    An address behind a relay tells where the relay is, not the peer: nowhere.
    """
    parts = text[:MAX_TEXT].split("/")
    if len(parts) < 3 or parts[0] or "p2p-circuit" in parts:
        return NOWHERE
    found = _host(parts[1], parts[2])
    return NOWHERE if found is None else found[1]


def _host(kind: str, host: str) -> tuple[str, Whereabouts, bool] | None:
    """(its one spelling, where it is, can it be dialled); None if it is no host."""
    if kind in ("dns", "dns4", "dns6"):
        return _name(host)
    if kind not in ("ip4", "ip6") or "%" in host:
        return None
    try:
        ip = ip_address(host)
    except ValueError:
        return None
    if ip.version != int(kind[2]):
        return None
    reach = _reach(ip)
    if reach is Reach.LOOPBACK:
        return str(ip), Whereabouts("", reach), True
    return str(ip), Whereabouts(_network(ip), reach or Reach.PUBLIC), reach is not None


def _name(host: str) -> tuple[str, Whereabouts, bool] | None:
    labels = host.lower().split(".")
    if len(labels) < 2 or len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        return None
    return ".".join(labels), Whereabouts(".".join(labels[-2:]), Reach.PUBLIC), True


def _network(ip: IPv4Address | IPv6Address) -> str:
    return str(ip_network((ip, 24 if ip.version == 4 else 48), strict=False))


def _reach(ip: IPv4Address | IPv6Address) -> Reach | None:
    if isinstance(ip, IPv6Address) and (ip.ipv4_mapped or ip.sixtofour or ip.teredo):
        return None  # an IPv4 address in disguise: limits a place would not see it
    if ip.is_loopback:
        return Reach.LOOPBACK
    if any(ip in network for network in _LOCAL if network.version == ip.version):
        return Reach.LOCAL
    if ip.is_global and not ip.is_multicast and not ip.is_reserved:
        return Reach.PUBLIC
    return None
