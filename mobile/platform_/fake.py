"""A device whose every answer is set by hand, and whose clocks stand until they are moved."""

from dataclasses import dataclass, field
from pathlib import Path

from mobile.day import Moment
from mobile.net_policy import Link
from mobile.platform_ import Edges


@dataclass(slots=True)
class FakePlatform:
    """For tests. Set the fields; `pass_time` and `set_clock` move the clocks."""

    folder: Path = Path("unused")
    link: Link = "unmetered"
    in_airplane: bool = False
    is_charging: bool = True
    is_dark: bool = False
    scale: float = 1.0
    edges: Edges = field(default_factory=Edges)
    services: bool = True
    """Whether there can be a background service"""
    refuses: bool = False
    """Whether starting it fails"""
    serving: bool = False
    """Whether it was started and not stopped since"""
    wall: float = 1_700_000_000.0
    boot: float = 1_000.0
    starts: list[Path] = field(default_factory=list)
    """The stores it was started for, in order"""

    def now(self) -> Moment:
        return Moment(self.wall, self.boot)

    def pass_time(self, seconds: float) -> None:
        """So much time passes, >= 0."""
        self.wall, self.boot = self.wall + seconds, self.boot + seconds

    def set_clock(self, seconds: float) -> None:
        """Somebody sets the wall clock forward, or back."""
        self.wall += seconds

    def restart(self, seconds: float) -> None:
        """The device was off for so long."""
        self.wall, self.boot, self.serving = self.wall + seconds, 0.0, False

    def storage(self) -> Path:
        return self.folder

    def exports(self) -> Path:
        return self.folder / "exports"

    def insets(self) -> Edges:
        return self.edges

    def network(self) -> Link:
        return self.link

    def airplane(self) -> bool:
        return self.in_airplane

    def charging(self) -> bool:
        return self.is_charging

    def dark(self) -> bool:
        return self.is_dark

    def font_scale(self) -> float:
        return self.scale

    def has_services(self) -> bool:
        return self.services

    def start_service(self, store: Path) -> bool:
        if not self.services or self.refuses:
            return False
        self.starts.append(store)
        self.serving = True
        return True

    def stop_service(self) -> None:
        self.serving = False
