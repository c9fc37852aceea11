"""An app and a service that write down what the lifecycle asks of them, and a phone on battery."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mobile.lifecycle import FLUSH_SECONDS, LET_GO_SECONDS, Lifecycle
from mobile.platform_.fake import FakePlatform
from mobile.preferences import Preferences

GOING_ON = Preferences(background=True)


@dataclass
class Calls:
    """An app and a service that write down, in order, what they are asked."""

    done: list[str] = field(default_factory=list)
    bytes: int = 0
    commits: bool = True
    lets_go: bool = True

    def allow_network(self, why_not: str) -> None:
        self.done.append(f"network: {why_not}" if why_not else "network")

    def catch_up(self) -> None:
        self.done.append("catch up")

    def flush(self, seconds: float) -> bool:
        self.done.append(f"flush {seconds:g}")
        return self.commits

    def let_go(self, seconds: float) -> bool:
        self.done.append(f"let go {seconds:g}")
        return self.lets_go

    def take_back(self) -> None:
        self.done.append("take back")

    def drop_caches(self) -> None:
        self.done.append("drop caches")

    def traffic(self) -> int:
        return self.bytes

    def attend(self) -> None:
        self.done.append("service: attend")

    def take(self) -> None:
        self.done.append("service: take")

    def stop(self) -> None:
        self.done.append("service: stop")

    def news(self) -> list[str]:
        """What was asked since the last time."""
        found, self.done = self.done, []
        return found


FLUSH = f"flush {FLUSH_SECONDS:g}"
LET_GO = f"let go {LET_GO_SECONDS:g}"
AWAY = "network: in the background"


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def phone(tmp_path: Path) -> FakePlatform:
    """On battery, at home."""
    return FakePlatform(tmp_path, is_charging=False)


Make = Callable[..., Lifecycle]


@pytest.fixture
def make(calls: Calls, phone: FakePlatform, tmp_path: Path) -> Make:
    def made(preferences: Preferences = GOING_ON, *, service: bool = True) -> Lifecycle:
        return Lifecycle(calls, phone, tmp_path, preferences, service=calls if service else None)

    return made
