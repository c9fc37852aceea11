"""Tell systemd how the service fares: datagrams to the socket it named (sd_notify(3)).

Nothing is sent where no service manager asked for it, and a manager that does not listen is no
error: the node is there for its user, not for its supervisor.
"""

import os
import socket
from collections.abc import Mapping
from typing import Final

READY: Final = "READY=1"
STOPPING: Final = "STOPPING=1"
ALIVE: Final = "WATCHDOG=1"


def notify(environ: Mapping[str, str], *states: str) -> bool:
    """Send states, such as READY and "STATUS=3 peers"; whether they were sent."""
    name = environ.get("NOTIFY_SOCKET", "")
    if not name.startswith(("/", "@")):
        return False
    address = "\0" + name[1:] if name.startswith("@") else name  # @: an abstract name
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.settimeout(1.0)
            sender.sendto("\n".join(states).encode(), address)
    except OSError:
        return False
    return True


def watchdog_seconds(environ: Mapping[str, str]) -> float | None:
    """How often to send ALIVE: half of what the manager waits for it; None if it does not."""
    try:
        pid = int(environ.get("WATCHDOG_PID") or os.getpid())
        micros = int(environ.get("WATCHDOG_USEC", ""))
    except ValueError:
        return None
    return micros / 2e6 if pid == os.getpid() and micros > 0 else None
