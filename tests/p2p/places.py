"""Peers and addresses by number, for books; nobody is behind them and nobody dials them."""

from p2p.transport import PeerName

ME = PeerName("12D3KooW" + "M" * 44)
_DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def peer(n: int) -> PeerName:
    """The n-th peer's name."""
    digits = ""
    for _ in range(4):
        n, digit = divmod(n, 33)
        digits += _DIGITS[digit]
    return PeerName("12D3KooW" + "x" * 40 + digits)


def public(place: int, host: int = 1, *, of: int | None = None, port: int = 4001) -> str:
    """An address in the place-th /24 of a public net; the peer is another one at each."""
    n = place * 256 + host if of is None else of
    return f"/ip4/8.{place // 256}.{place % 256}.{host}/tcp/{port}/p2p/{peer(n)}"


def origin(place: int, host: int = 200) -> str:
    """Where somebody in that place connects from."""
    return f"/ip4/8.{place // 256}.{place % 256}.{host}/tcp/50000"
