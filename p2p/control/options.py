"""How the control API may be reached; every field has a unit, a range and a reason."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from p2p.errors import NodeError

SOCKET_FILE: Final = "control.sock"
READ_TOKEN_FILE: Final = "control-read.token"  # noqa: S105 - a file name
WRITE_TOKEN_FILE: Final = "control-write.token"  # noqa: S105 - a file name


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlOptions:
    """Doors and limits of one control API; by default a Unix socket and nothing else.

    Paths that are not absolute lie in the store's directory.
    """

    socket: str = SOCKET_FILE
    """Path of the Unix socket; "" for none. Only processes of the node's own user get in."""
    tcp_port: int | None = None
    """A port of the loopback interface; 0 lets the system choose, None is off."""
    tcp_host: str = "127.0.0.1"
    """Where to listen for TCP: a loopback address, 127.x.y.z or ::1. Nothing else is accepted."""
    read_token: str = READ_TOKEN_FILE
    """File with the token that may look, over TCP; made with mode 0600 if it is not there."""
    write_token: str = WRITE_TOKEN_FILE
    """File with the token that may also change things, over TCP; made likewise."""
    metrics: bool = False
    """Serve /metrics for Prometheus; it holds counts only."""
    page: bool = True
    """Serve the status page at /, over TCP to a browser on this device."""

    connections: int = 32
    """Open at a time; 2 to 1,024. One more is told to come back."""
    header_bytes: int = 16_384
    """Of a request's head at most; 1,024 to 65,536."""
    body_bytes: int = 1_048_576
    """Of a request's body at most; 1,024 to 67,108,864."""
    request_seconds: float = 10.0
    """For a request to arrive, and for an answer to be read; > 0. Loopback needs milliseconds."""
    idle_seconds: float = 60.0
    """A connection may wait for its next request; > 0. A guess: a page that polls comes sooner."""
    drain_seconds: float = 4.0
    """What runs may end when the server closes; 0 to 5: systemd's stop and the node's are 5."""

    def __post_init__(self) -> None:
        if not _is_loopback(self.tcp_host):
            raise NodeError(
                f"tcp_host must be a loopback address such as 127.0.0.1, got {self.tcp_host!r}: "
                "to reach a node from elsewhere, forward its socket with ssh -L"
            )
        port = self.tcp_port
        if port is not None and (type(port) is not int or not 0 <= port <= 65_535):
            raise NodeError(f"tcp_port must be 0 to 65535, got {port!r}")
        if not self.read_token or not self.write_token or self.read_token == self.write_token:
            raise NodeError("read_token and write_token must name two different files")
        for name, least, most in (
            ("connections", 2, 1_024),
            ("header_bytes", 1_024, 65_536),
            ("body_bytes", 1_024, 67_108_864),
        ):
            if not least <= getattr(self, name) <= most:
                raise NodeError(f"{name} must be {least} to {most}, got {getattr(self, name)!r}")
        for name in ("request_seconds", "idle_seconds"):
            if not 0 < getattr(self, name) < float("inf"):
                raise NodeError(f"{name} must be > 0 seconds, got {getattr(self, name)!r}")
        if not 0 <= self.drain_seconds <= 5:
            raise NodeError(f"drain_seconds must be 0 to 5, got {self.drain_seconds!r}")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
