"""A phone's Java classes, as far as our Android platform asks them; set by hand."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest


class JavaException(Exception):  # noqa: N818 - its name in pyjnius
    """What pyjnius raises for anything that Java throws."""


@dataclass
class Phone:
    """What the phone would say. `broken` names the calls that throw."""

    in_service: bool = False
    active: bool = True
    capable: bool = True
    metered: bool = False
    airplane: int = 0
    charging: bool = False
    ui_mode: int = 0x11
    font: float = 1.0
    sdk: int = 36
    edges: tuple[int, int, int, int] | None = (0, 84, 0, 126)
    """None: nothing is laid out yet"""
    external: str | None = "/storage/emulated/0/Android/data/org.web3rec.web3rec/files"
    may_notify: bool = True
    broken: set[str] = field(default_factory=set)
    done: list[tuple[object, ...]] = field(default_factory=list)

    def say(self, name: str, answer: Any) -> Callable[..., Any]:
        """A Java method of that name."""

        def method(*args: object) -> Any:
            if name in self.broken:
                raise JavaException(name)
            return answer(*args) if callable(answer) else answer

        return method

    def thing(self, **methods: Any) -> Any:
        """A Java object with these methods."""
        made = type("JavaObject", (), {})()
        for name, answer in methods.items():
            setattr(made, name, self.say(name, answer))
        return made

    def class_(self, name: str) -> Any:
        """What autoclass gives for a class's name."""
        if "autoclass" in self.broken:
            raise JavaException(name)
        made = type("JavaClass", (), {})()
        match name:
            case "org.kivy.android.PythonActivity":
                made.mActivity = None if self.in_service else self._context("app")
            case "org.kivy.android.PythonService":
                made.mService = self._context("service") if self.in_service else None
            case "android.provider.Settings$Global":
                made.getInt = self.say("getInt", lambda _resolver, what, other: (
                    self.airplane if what == "airplane_mode_on" else other
                ))  # fmt: skip
            case "android.os.Build$VERSION":
                made.SDK_INT = self.sdk
            case "android.view.WindowInsets$Type":
                made.systemBars = self.say("systemBars", 7)
                made.displayCutout = self.say("displayCutout", 128)
            case "org.web3rec.web3rec.ServiceSync":
                made.getDefaultIntent = self.say(
                    "getDefaultIntent", lambda _context, *said: ("intent", *said)
                )
                made.stop = self.say("stop", lambda context: self.done.append(("stop", context.me)))
            case _:
                raise JavaException(f"ClassNotFoundException: {name}")
        return made

    def cast(self, kind: str, thing: Any) -> Any:
        """Java's, which fails if it is another class."""
        if thing.kind != kind:
            raise JavaException(f"ClassCastException: {kind}")
        return thing

    def _context(self, me: str) -> Any:
        context = self.thing(
            getFilesDir=self.thing(getAbsolutePath="/data/user/0/org.web3rec.web3rec/files"),
            getExternalFilesDir=self._external,
            getWindow=self.thing(getDecorView=self.thing(getRootWindowInsets=self._root_insets)),
            getSystemService=self._service,
            getResources=self.thing(getConfiguration=self._configuration),
            getContentResolver="resolver",
            startForegroundService=lambda intent: self.done.append(("start", me, intent)),
        )
        context.me = me
        return context

    def _external(self, kind: str) -> Any:
        if self.external is None:
            return None
        return self.thing(getAbsolutePath=f"{self.external}/{kind}")

    def _root_insets(self) -> Any:
        edges = self.edges
        if edges is None:
            return None

        def insets(types: int) -> Any:
            assert types == 7 | 128
            found = type("Insets", (), {})()
            found.left, found.top, found.right, found.bottom = edges
            return found

        return self.thing(getInsets=insets)

    def _service(self, name: str) -> Any:
        if name == "connectivity":
            manager = self.thing(
                getActiveNetwork=lambda: "network" if self.active else None,
                getNetworkCapabilities=lambda _network: "capable" if self.capable else None,
                isActiveNetworkMetered=lambda: self.metered,
            )
            manager.kind = "android.net.ConnectivityManager"
            return manager
        assert name == "batterymanager"
        manager = self.thing(isCharging=lambda: self.charging)
        manager.kind = "android.os.BatteryManager"
        return manager

    def _configuration(self) -> Any:
        configuration = type("Configuration", (), {})()
        configuration.uiMode, configuration.fontScale = self.ui_mode, self.font
        return configuration


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Phone:
    """A phone, and a `jnius` that speaks to it."""
    made = Phone()
    jnius = ModuleType("jnius")
    jnius.autoclass, jnius.cast = made.class_, made.cast  # type: ignore[attr-defined]  # a fake
    monkeypatch.setitem(sys.modules, "jnius", jnius)
    package, permissions = ModuleType("android"), ModuleType("android.permissions")
    permissions.check_permission = lambda _name: made.may_notify  # type: ignore[attr-defined]
    permissions.request_permissions = (  # type: ignore[attr-defined]
        lambda names: made.done.append(("ask", *names))
    )
    monkeypatch.setitem(sys.modules, "android", package)
    monkeypatch.setitem(sys.modules, "android.permissions", permissions)
    return made
