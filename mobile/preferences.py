"""What a person chose in this app, kept beside the store.

What is said to others has its own switch, the privacy level, and that stands in the log: a lost
or damaged file of preferences makes nothing leave the device.
"""

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final

from mobile import json_file
from mobile.viewmodel import Scheme
from web3rec.errors import ParamError

FILE: Final = "preferences.json"
LEAST_BYTES: Final = 1_000_000
MOST_BYTES: Final = 1_000_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """All of it; the defaults are what a new device has. Raises ParamError."""

    scheme: Scheme = Scheme.SYSTEM
    network_on: bool = True
    """Whether the network may be used at all"""
    unmetered_only: bool = True
    """Only where bytes cost nothing"""
    charging_only: bool = False
    background: bool = False
    """Go on in the background: the service, within its budget"""
    learning: bool = True
    """False: what is played is not even kept here"""
    max_bytes_day: int = 50_000_000
    """Bytes exchanged in a day; 1 MB to 1 TB. A guess: a whole store of 20,000 records is 4 MB"""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not _fits(field.name, value):
                raise ParamError(field.name, value, _WANTED.get(field.name, "True or False"))


_WANTED: Final = {
    "scheme": "a Scheme, such as Scheme.DARK",
    "max_bytes_day": f"bytes, {LEAST_BYTES} to {MOST_BYTES}",
}


def load(directory: Path) -> Preferences:
    """What was saved in the store's directory; where nothing usable stands, the default does.

    Never raises; each value is checked by itself, and what we do not know is left out.
    """
    said = json_file.read(directory / FILE)
    kept: dict[str, object] = {}
    for field in fields(Preferences):
        value = said.get(field.name)
        if field.name == "scheme" and isinstance(value, str) and value in set(Scheme):
            value = Scheme(value)
        if _fits(field.name, value):
            kept[field.name] = value
    return Preferences(**kept)  # type: ignore[arg-type]  # each was checked against its field


def save(directory: Path, preferences: Preferences) -> None:
    """Keep them, for good when this returns. Raises OSError: no room, or not writable."""
    json_file.write(directory / FILE, asdict(preferences))


def _fits(name: str, value: object) -> bool:
    if name == "scheme":
        return isinstance(value, Scheme)
    if name == "max_bytes_day":
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole and LEAST_BYTES <= value <= MOST_BYTES  # type: ignore[operator]  # it is one
    return isinstance(value, bool)
