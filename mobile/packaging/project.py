"""Where things lie: the repository, seen from the packagers."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A checkout; another root stands in for it in tests."""

    root: Path
    """The repository's root."""

    @property
    def mobile(self) -> Path:
        """Where buildozer is started: paths in the spec begin here."""
        return self.root / "mobile"

    @property
    def spec(self) -> Path:
        return self.mobile / "buildozer.spec"

    @property
    def staged(self) -> Path:
        """The spec's source.dir, made by `stage`."""
        return self.root / "build" / "android" / "app"

    @property
    def snapshot(self) -> Path:
        """What the package index said last, for the audit."""
        return self.mobile / "packaging" / "requirements.json"


def here() -> Project:
    """The checkout that this file is in."""
    return Project(root=Path(__file__).resolve().parents[2])
