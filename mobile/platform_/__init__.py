"""What the app asks of the device it runs on: one Protocol, and who can answer.

    Platform ◄── desktop.Desktop      a computer; a control file can make it a phone
             ◄── android.Android      pyjnius; loaded there only
             ◄── fake.FakePlatform    tests

A probe never raises: where a device does not say, the answer is the one that spends least.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mobile.day import Moment
from mobile.net_policy import Conditions, Link


@dataclass(frozen=True, slots=True)
class Edges:
    """Pixels, >= 0."""

    left: float = 0.0
    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0


class Platform(Protocol):
    """A device. Every call returns at once (some ms) and never raises."""

    def now(self) -> Moment:
        """Both clocks."""
        ...

    def storage(self) -> Path:
        """The app's private folder."""
        ...

    def exports(self) -> Path:
        """Where what the person exports is put, to be fetched from there; may not exist yet."""
        ...

    def insets(self) -> Edges:
        """What of the screen's edges is under the system's bars or a notch."""
        ...

    def network(self) -> Link:
        """What carries bytes now; "metered" where that is not known."""
        ...

    def airplane(self) -> bool: ...

    def charging(self) -> bool:
        """False where that is not known."""
        ...

    def dark(self) -> bool:
        """Whether the system's colours are dark."""
        ...

    def font_scale(self) -> float:
        """How much larger than usual the person reads; .5 to 3."""
        ...

    def has_services(self) -> bool:
        """Whether the app can go on in the background at all."""
        ...

    def start_service(self, store: Path) -> bool:
        """Start the background service for the store in this folder, if it does not run yet.

        Only while the app is in front: Android refuses it otherwise. False: it did not start.
        """
        ...

    def stop_service(self) -> None:
        """End it, if it runs."""
        ...


def conditions(platform: Platform) -> Conditions:
    """What a network policy wants to know."""
    return Conditions(platform.network(), platform.charging(), platform.airplane())


def on_android() -> bool:
    """Whether this is the inside of an Android package."""
    return sys.platform == "android" or "ANDROID_ARGUMENT" in os.environ


def this_device(storage: Path | None = None) -> Platform:
    """The platform this runs on.

    Args:
        storage: the private folder on a desktop; None: the usual place. Android has its own.
    """
    if on_android():
        from mobile.platform_.android import Android  # noqa: PLC0415 - pyjnius is there only

        return Android()
    from mobile.platform_.desktop import Desktop, control_file, usual_folder  # noqa: PLC0415

    return Desktop(storage or usual_folder(), control=control_file())
