"""The screen "Settings"."""

from dataclasses import dataclass
from enum import StrEnum

from mobile.viewmodel.privacy import Fact


class Scheme(StrEnum):
    """Which colours."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Settings:
    """All of the screen."""

    scheme: Scheme = Scheme.SYSTEM
    model: str = "the graph's own order"
    """What orders lists now"""
    model_detail: str = ""
    """Its publisher, or why none is used"""
    backend: str = ""
    """What models run in"""
    learning: bool = False
    """The device learns its own model just now"""
    facts: tuple[Fact, ...] = ()
    """Version, where the store is, licences"""
    telemetry: str = "None. This app talks to the peers you see under Network and to nobody else."
