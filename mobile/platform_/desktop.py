"""A computer: on mains and on a network that costs nothing, unless it is told to play a phone.

For trying things out, a control file says otherwise, and may be changed while the app runs:

    WEB3REC_CONDITIONS=/tmp/phone.json python -m mobile
    echo '{"airplane": true}' > /tmp/phone.json
    echo '{"network": "metered", "charging": false, "dark": true, "font_scale": 1.5}' > …
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from mobile import json_file
from mobile.day import Moment
from mobile.net_policy import Link
from mobile.platform_ import Edges
from web3rec.clock import since_boot

CONTROL: Final = "WEB3REC_CONDITIONS"
SUPPLIES: Final = Path("/sys/class/power_supply")
LEAST_FONT: Final = 0.5
MOST_FONT: Final = 3.0
MOST_INSET: Final = 500.0
"""Pixels"""


class Desktop:
    """A computer that may play a phone."""

    def __init__(
        self,
        storage: Path,
        *,
        control: Path | None = None,
        services: bool = True,
        supplies: Path = SUPPLIES,
    ) -> None:
        """A platform.

        Args:
            storage: the private folder.
            control: what is read at each question; None: nothing is played.
            services: whether a background service may be started, a process of its own.
            supplies: where Linux tells of batteries.
        """
        self._storage, self._control, self._supplies = storage, control, supplies
        self._services = services
        self._service: subprocess.Popen[bytes] | None = None

    def now(self) -> Moment:
        return Moment(time.time(), since_boot())

    def storage(self) -> Path:
        return self._storage

    def exports(self) -> Path:
        return self._storage / "exports"

    def insets(self) -> Edges:
        """A window has none of its own; `{"insets": [left, top, right, bottom]}` plays some."""
        played = self._played("insets")
        if not isinstance(played, list) or len(played) != 4:
            return Edges()
        if not all(isinstance(one, int | float) and 0 <= one <= MOST_INSET for one in played):
            return Edges()
        return Edges(*map(float, played))

    def network(self) -> Link:
        match self._played("network"):
            case "none":
                return "none"
            case "metered":
                return "metered"
            case _:
                return "unmetered"

    def airplane(self) -> bool:
        return self._played("airplane") is True

    def charging(self) -> bool:
        played = self._played("charging")
        return played if isinstance(played, bool) else not self._discharging()

    def dark(self) -> bool:
        return self._played("dark") is True

    def font_scale(self) -> float:
        played = self._played("font_scale")
        if isinstance(played, int | float) and LEAST_FONT <= played <= MOST_FONT:
            return float(played)
        return 1.0

    def has_services(self) -> bool:
        return self._services

    def start_service(self, store: Path) -> bool:
        if not self._services:
            return False
        if self._service is not None and self._service.poll() is None:
            return True
        try:
            self._service = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", "mobile.service", "--store", str(store)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # it outlives the app: that is what it is for
            )
        except OSError:
            return False
        return True

    def stop_service(self) -> None:
        if self._service is not None and self._service.poll() is None:
            self._service.terminate()

    def _played(self, name: str) -> object:
        return None if self._control is None else json_file.read(self._control).get(name)

    def _discharging(self) -> bool:
        try:
            said = [path.read_text("ascii") for path in self._supplies.glob("*/status")]
        except (OSError, ValueError):
            return False
        return any(status.strip() == "Discharging" for status in said)


def control_file() -> Path | None:
    """The control file that the environment names, if it names one."""
    named = os.environ.get(CONTROL, "")
    return Path(named) if named else None


def usual_folder() -> Path:
    """Where a desktop app keeps its data."""
    home = os.environ.get("XDG_DATA_HOME", "")
    return (Path(home) if home else Path.home() / ".local" / "share") / "web3rec-app"
