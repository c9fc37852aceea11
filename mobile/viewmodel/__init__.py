"""What the screens show, as frozen data; knows no Kivy, no SDK, no clock.

Texts are ready to be shown; numbers that a widget draws stay numbers.
"""

from mobile.viewmodel.cover import Cover, cover
from mobile.viewmodel.for_you import ForYou, ForYouRow, Phase, TagChoice
from mobile.viewmodel.library import Library, LibraryRow, Player
from mobile.viewmodel.network import Chip, Connection, Network, Person
from mobile.viewmodel.privacy import Fact, Privacy, Rung, Sent
from mobile.viewmodel.settings import Scheme, Settings
from mobile.viewmodel.state import Notice, State
from mobile.viewmodel.why import Part, Step, StepKind, Why
from mobile.viewmodel.wishes import Wishes

__all__ = [
    "Chip",
    "Connection",
    "Cover",
    "Fact",
    "ForYou",
    "ForYouRow",
    "Library",
    "LibraryRow",
    "Network",
    "Notice",
    "Part",
    "Person",
    "Phase",
    "Player",
    "Privacy",
    "Rung",
    "Scheme",
    "Sent",
    "Settings",
    "State",
    "Step",
    "StepKind",
    "TagChoice",
    "Why",
    "Wishes",
    "cover",
]
