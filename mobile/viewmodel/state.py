"""Everything that is on the screens, at one moment."""

from dataclasses import dataclass, field

from mobile.viewmodel.for_you import ForYou
from mobile.viewmodel.library import Library, Player
from mobile.viewmodel.network import Chip, Network
from mobile.viewmodel.privacy import Privacy
from mobile.viewmodel.settings import Settings
from mobile.viewmodel.why import Why


@dataclass(frozen=True, slots=True)
class Notice:
    """What was just done, at the lower edge of the screen for five seconds."""

    id: int
    """A new one for every notice, rising"""
    text: str
    undo: bool = False
    """Whether it can be taken back"""
    error: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """All screens. A new one is made for every change; parts that did not change stay the same
    object, so that a screen sees by `is` whether it has anything to do.
    """

    chip: Chip = field(default_factory=Chip)
    for_you: ForYou = field(default_factory=ForYou)
    why: Why | None = None
    """The sheet, if it is open"""
    network: Network = field(default_factory=Network)
    privacy: Privacy = field(default_factory=Privacy)
    library: Library = field(default_factory=Library)
    player: Player = field(default_factory=Player)
    settings: Settings = field(default_factory=Settings)
    notice: Notice | None = None
    failure: str = ""
    """Why the app cannot work at all, in words and with what to do; "" mostly"""
