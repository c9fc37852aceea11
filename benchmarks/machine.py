"""What the figures were measured on and with."""

import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

PACKAGES: Final = (
    "numpy", "scipy", "igraph", "scikit-network", "fast-pagerank", "rustworkx", "networkx",
    "implicit",
)  # fmt: skip


NETWORK: Final = ("libp2p", "trio", "cryptography", "numpy")


def machine(packages: Sequence[str] = PACKAGES) -> dict[str, str]:
    """Processor, system, versions and the day."""
    found = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "processor": _processor(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "unknown")
