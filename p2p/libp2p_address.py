"""Addresses of plain TCP: which can be listened on, which can be dialled."""

import errno
import socket

from multiaddr import Multiaddr

from p2p.errors import AddressInUse, NodeError


def parsed(address: str) -> Multiaddr:
    try:
        parsed = Multiaddr(address)
        names = [protocol.name for protocol in parsed.protocols()]
    except ValueError as error:
        raise ValueError(f"{address!r} is no multiaddress: {error}") from None
    if names[:2] not in ([kind, "tcp"] for kind in ("ip4", "ip6", "dns4", "dns6", "dns")):
        raise ValueError(f"an address must look like /ip4/127.0.0.1/tcp/4001, got {address!r}")
    if names[2:] not in ([], ["p2p"]):
        raise ValueError(f"an address must be plain TCP, nothing on top of it, got {address!r}")
    return parsed


def _host_and_port(address: Multiaddr) -> tuple[str, int]:
    host = next(p for name in ("ip4", "ip6") if (p := _value(address, name)))
    return host, int(_value(address, "tcp"))


def _value(address: Multiaddr, protocol: str) -> str:
    try:
        return str(address.value_for_protocol(protocol))
    except LookupError:
        return ""


def require_free(address: Multiaddr) -> None:
    """libp2p listens with SO_REUSEPORT and would share a taken port in silence."""
    host, port = _host_and_port(address)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise AddressInUse(f"{address} is taken: choose another port, or 0") from None
            raise NodeError(f"cannot listen on {address}: {error.strerror}") from None


def reachable(address: str) -> tuple[str, ...]:
    """An address others can dial: `0.0.0.0` becomes loopback and the way out of this machine."""
    if not address.startswith("/ip4/0.0.0.0/"):
        return (address,)
    rest = address.removeprefix("/ip4/0.0.0.0")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a documentation address; UDP connects send nothing
            ways = {"127.0.0.1", probe.getsockname()[0]}
        except OSError:
            ways = {"127.0.0.1"}
    return tuple(f"/ip4/{way}{rest}" for way in sorted(ways))
