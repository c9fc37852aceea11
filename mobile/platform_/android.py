"""An Android phone, asked through pyjnius. Imported nowhere else.

Not run on a device here: written against the documentation of API 24 to 36 and of
python-for-android 2026.5.9, and every line run against fakes of these classes. What a phone does
not answer is logged and taken as what spends least.

Sources: developer.android.com, ConnectivityManager, BatteryManager, Configuration,
Settings.Global, "Foreground service types: data sync"; p4a's `Service.tmpl.java`.
"""

import logging
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from mobile.day import Moment
from mobile.net_policy import Link
from mobile.platform_ import Edges
from web3rec.clock import since_boot

logger = logging.getLogger(__name__)

T = TypeVar("T")
ACTIVITY: Final = "org.kivy.android.PythonActivity"
SERVICE_CONTEXT: Final = "org.kivy.android.PythonService"
SERVICE: Final = "org.web3rec.web3rec.ServiceSync"
"""What p4a makes of the spec's service "Sync" in the package org.web3rec.web3rec"""
TITLE: Final = "web3rec"
TEXT: Final = "Syncing with your peers"
"""What the service's notification says"""
EDGE_TO_EDGE: Final = 35
"""API from which a window has to leave room for the system's bars itself"""
NOTIFY: Final = "android.permission.POST_NOTIFICATIONS"
NIGHT_MASK: Final = 0x30
NIGHT_YES: Final = 0x20
"""Of Configuration.uiMode"""


class Android:
    """The phone, from inside the app or inside its service."""

    def now(self) -> Moment:
        return Moment(time.time(), since_boot())

    def storage(self) -> Path:
        """`getFilesDir`: private, not backed up (the manifest says so), gone with the app."""
        folder = _asked(lambda: str(_context().getFilesDir().getAbsolutePath()), "")
        return Path(folder) if folder else Path.cwd()

    def exports(self) -> Path:
        """`getExternalFilesDir`: other apps cannot read it, a cable can; private if there is none.

        The private folder itself nobody could reach: an export there would be of no use.
        """
        folder = _asked(
            lambda: str(_context().getExternalFilesDir("exports").getAbsolutePath()), ""
        )
        return Path(folder) if folder else self.storage() / "exports"

    def insets(self) -> Edges:
        return _asked(_insets, Edges())

    def network(self) -> Link:
        return _asked(_link, "metered")

    def airplane(self) -> bool:
        return _asked(_airplane, False)

    def charging(self) -> bool:
        return _asked(lambda: bool(_system("batterymanager", _BATTERY).isCharging()), False)

    def dark(self) -> bool:
        return _asked(lambda: _configuration().uiMode & NIGHT_MASK == NIGHT_YES, False)

    def font_scale(self) -> float:
        scale = _asked(lambda: float(_configuration().fontScale), 1.0)
        return min(3.0, max(0.5, scale)) if math.isfinite(scale) else 1.0

    def has_services(self) -> bool:
        return True

    def start_service(self, store: Path) -> bool:
        """Again on a running service does nothing (p4a sees to it)."""
        return _asked(lambda: _start(store), False)

    def stop_service(self) -> None:
        _asked(lambda: _class(SERVICE).stop(_context()), None)


_BATTERY: Final = "android.os.BatteryManager"
_CONNECTIVITY: Final = "android.net.ConnectivityManager"


def _asked(ask: Callable[[], T], cautious: T) -> T:
    try:
        return ask()
    except Exception as error:  # noqa: BLE001 - Java throws anything; the app must go on
        logger.warning("the phone did not answer: %s", type(error).__name__)
        return cautious


def _class(name: str) -> Any:
    from jnius import autoclass  # noqa: PLC0415 - there on Android only

    return autoclass(name)


def _context() -> Any:
    """The activity, or the service where there is none."""
    activity = _class(ACTIVITY).mActivity
    return _class(SERVICE_CONTEXT).mService if activity is None else activity


def _system(name: str, kind: str) -> Any:
    from jnius import cast  # noqa: PLC0415 - there on Android only

    return cast(kind, _context().getSystemService(name))


def _configuration() -> Any:
    return _context().getResources().getConfiguration()


def _link() -> Link:
    manager = _system("connectivity", _CONNECTIVITY)
    network = manager.getActiveNetwork()
    if network is None or manager.getNetworkCapabilities(network) is None:
        return "none"
    return "metered" if manager.isActiveNetworkMetered() else "unmetered"


def _airplane() -> bool:
    settings, resolver = _class("android.provider.Settings$Global"), _context().getContentResolver()
    return int(settings.getInt(resolver, "airplane_mode_on", 0)) != 0


def _insets() -> Edges:
    """From Android 15 on an app draws behind the bars; before, the window ends at them.

    There the system's answer would be taken off twice.
    """
    if int(_class("android.os.Build$VERSION").SDK_INT) < EDGE_TO_EDGE:
        return Edges()
    types = _class("android.view.WindowInsets$Type")
    root = _class(ACTIVITY).mActivity.getWindow().getDecorView().getRootWindowInsets()
    if root is None:  # nothing is laid out yet
        return Edges()
    found = root.getInsets(types.systemBars() | types.displayCutout())
    return Edges(
        *(float(max(0, one)) for one in (found.left, found.top, found.right, found.bottom))
    )


def _ask_to_notify() -> None:
    """Android 13 and later shows no notice of a service without the person's leave."""
    from android.permissions import (  # noqa: PLC0415 - p4a's, there on Android only
        check_permission,
        request_permissions,
    )

    if not check_permission(NOTIFY):
        request_permissions([NOTIFY])


def _start(store: Path) -> bool:
    context = _context()
    _asked(_ask_to_notify, None)
    intent = _class(SERVICE).getDefaultIntent(context, "", TITLE, TEXT, str(store))
    context.startForegroundService(intent)
    return True
