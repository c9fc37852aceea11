"""Names and addresses that look like the real ones, because what reads them is real.

A name has the length and the letters of a peer id; its last six say who it is: `h00012` is an
honest device, `s00345` a stranger. Every device has a /16 to itself; strangers have as many /24s
as the scenario gives them.
"""

from typing import Final

from p2p.transport import PeerName

_HEAD: Final = "12D3KooWSimxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
_SHOWN: Final = 6
_DEVICES: Final = (11, 70)
"""First octet, and how many of them; all public."""
_STRANGERS: Final = (131, 38)


def device_name(number: int) -> PeerName:
    """Of an honest device, 0 to 99,999."""
    return _name("h", number)


def stranger_name(number: int) -> PeerName:
    """Of a Sybil."""
    return _name("s", number)


def short(name: PeerName) -> str:
    """What people read."""
    return name[-_SHOWN:].replace("o", "0")


def device_address(number: int) -> str:
    """Where an honest device is dialled."""
    second, first = divmod(number, _DEVICES[1])
    return _address(f"{_DEVICES[0] + first}.{second}.0.1", 4001, device_name(number))


def stranger_address(subnet: int, host: int, port: int, name: PeerName) -> str:
    """Where a Sybil dials from: a /24 by number, a host in it, a port above 1023."""
    rest, first = divmod(subnet, _STRANGERS[1])
    third, second = divmod(rest, 250)
    at = f"{_STRANGERS[0] + first}.{second}.{third}.{1 + host % 250}"
    return _address(at, 1024 + port % 60_000, name)


def subnet(address: str) -> str:
    """The /24 of an address."""
    return address.split("/")[2].rpartition(".")[0]


def _name(kind: str, number: int) -> PeerName:
    digits = f"{number:05d}".replace("0", "o")  # base58 has no 0
    return PeerName(f"{_HEAD}{kind}{digits}")


def _address(host: str, port: int, name: PeerName) -> str:
    return f"/ip4/{host}/tcp/{port}/p2p/{name}"
