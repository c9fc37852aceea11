"""States of every screen, made up: for tests, pictures and whoever draws a screen.

Nobody in them exists, and no work. Titles are long, short, accented, empty.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final, overload

from mobile.viewmodel import (
    Chip,
    Connection,
    Fact,
    ForYou,
    ForYouRow,
    Library,
    LibraryRow,
    Network,
    Notice,
    Part,
    Person,
    Phase,
    Player,
    Privacy,
    Rung,
    Scheme,
    Sent,
    Settings,
    State,
    Step,
    StepKind,
    TagChoice,
    Why,
    cover,
)

LISTED: Final = 40
"""Rows of the list"""
CATALOGUE: Final = 10_000
"""Rows of the library"""

_TITLES: Final = (
    "Night Train to Nowhere",
    "Kōan",
    "Où finit la forêt, où commence la mer et ce que les oiseaux en disent tout bas",
    "The Lighthouse Keeper's Almanac, Volume Three: Storms, Tides and Other Company",
    "Ærø by Bicycle",
    "Rain",
    "Πέτρινο γεφύρι",
    "Smørrebrød for Beginners",
    "Тихая улица",
    "Zwölf Fenster, kein Licht",
    "Paper Boats",
    "A Field Guide to Slow Machines",
    "Señales de humo",
    "Late Harvest (Live at the Old Cannery)",
    "Żółty tramwaj",
    "Nothing but Weather",
    "İnce bir çizgi",
    "Harbour Lights",
    "The Very Long and Somewhat Improbable Return of the Clockmaker's Second Apprentice",
    "Öland",
    "Cartography of an Empty House",
    "Under Copper Roofs",
    "Dvě řeky",
    "Half Past Never",
)
_CREATORS: Final = (
    "Quartet Nine",
    "The Paper Instruments",
    "Orchestre de la Gare du Sud",
    "",
    "Északi Fény",
    "The Society for the Preservation of Unfinished Symphonies and Other Fragments",
    "Möwe & Söhne",
    "Tin Roof Choir",
    "Λιμάνι",
)
_WHYS: Final = (
    "friend 12 likes this, and you both like “Paper Boats”",
    "3 friends like this",
    "Because you like “Harbour Lights”",
    "Somebody friend 4 vouches for collects this",
    "friend 7 and 2 others played this often lately, as you did “Under Copper Roofs”",
    "New among people whose taste is near yours",
    "Liked by many here",
)
TAGS: Final = (
    "ambient", "folk", "documentary", "jazz", "science fiction", "live", "slow", "chamber music",
    "film noir", "electronic", "coming of age", "field recordings", "comedy", "winter", "chanson",
    "road movie", "piano", "radio play", "brass", "based on a true story that nobody believed",
    "Nordic", "mystery", "silent", "choir",
)  # fmt: skip
_ME: Final = "did:key:z6MkSampleSampleSampleSampleSampleSampleSampleSam"


def _title(number: int) -> str:
    """Titles repeat with a part's number; the first round is bare."""
    base = _TITLES[number % len(_TITLES)]
    volume = number // len(_TITLES)
    return base if not volume else f"{base}, part {volume + 1}"


def work(number: int) -> tuple[str, str, str]:
    """Id, title, creator of the made work of this number, >= 0."""
    return f"made:{number}", _title(number), _CREATORS[(number * 5 + 1) % len(_CREATORS)]


def _row(number: int) -> ForYouRow:
    item, title, creator = work(number)
    why = _WHYS[number % len(_WHYS)]
    return ForYouRow(item, title, creator, why, cover(item, title, creator), liked=number == 2)


class MadeRows(Sequence[LibraryRow]):
    """Rows that are made when they are looked at."""

    def __init__(self, numbers: range) -> None:
        """`numbers` are those of the works."""
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[LibraryRow]:
        return map(self._made, self._numbers)

    @overload
    def __getitem__(self, at: int) -> LibraryRow: ...
    @overload
    def __getitem__(self, at: slice) -> "MadeRows": ...
    def __getitem__(self, at: int | slice) -> "LibraryRow | MadeRows":
        if isinstance(at, slice):
            return MadeRows(self._numbers[at])
        return self._made(self._numbers[at])

    @staticmethod
    def _made(number: int) -> LibraryRow:
        item, title, creator = work(number)
        return LibraryRow(item, title, creator, cover(item, title, creator), number % 11 == 2)


def _person(
    number: int, trust: float | None, reach: float, detail: str, *, blocked: bool = False
) -> Person:
    return Person(
        f"did:key:z6MkSample{number:039d}", f"friend {number}", trust, reach, blocked, detail
    )


_WHY: Final = Why(
    item="made:3",
    title=_title(3),
    creator="The Paper Instruments",
    cover=cover("made:3", _title(3), "The Paper Instruments"),
    reason="friend 12 likes this, and you both like “Paper Boats”",
    parts=(
        Part("friend 12", 61),
        Part("your own library", 24),
        Part("smaller friends together", 15),
    ),
    path=(
        Step(StepKind.YOU, "you"),
        Step(StepKind.OWN_ITEM, "Paper Boats"),
        Step(StepKind.FRIEND, "friend 12"),
        Step(StepKind.PERSON, "somebody friend 12 vouches for"),
        Step(StepKind.ITEM, _title(3)),
    ),
    own_item="made:10",
    own_title="Paper Boats",
    peer="did:key:z6MkSample000000000000000000000000000000000000012",
    peer_label="friend 12",
    model="Ordered by the graph itself: no model is installed.",
)

_NETWORK: Final = Network(
    headline="5 peers · synced 2 min ago",
    people=(
        _person(12, 1.0, 0.31, "48 records · last heard 3 h ago"),
        _person(4, 0.8, 0.22, "30 records · last heard 2 min ago"),
        _person(7, 0.5, 0.12, "112 records · last heard yesterday"),
        _person(23, 0.25, 0.05, "nothing yet"),
        _person(31, None, 0.04, "9 records · last heard 6 days ago"),
        replace(
            _person(32, None, 0.02, "1 record · last heard 11 days ago"),
            name="z6MkSample…0032 (who goes by a rather long name)",
        ),
        _person(40, None, 0.0, "blocked · not heard", blocked=True),
    ),
    others=214,
    connections=(
        Connection("16Uiu2…k9Qa", "we dialled · synced 2 min ago"),
        Connection("16Uiu2…7RtB", "dialled us · synced 2 min ago"),
        Connection("12D3Ko…Wm1x", "we dialled · syncing"),
        Connection("12D3Ko…p0Zc", "by a relay · synced 1 h ago"),
        Connection("12D3Ko…eeH4", "dialled us · not synced yet"),
    ),
    addresses=(
        "/ip4/127.0.0.1/tcp/40123/p2p/12D3KooWSampleSampleSampleSampleSampleSampleSample12",
        "/ip6/::1/tcp/40123/p2p/12D3KooWSampleSampleSampleSampleSampleSampleSample12",
    ),
    me=_ME,
    traffic="1.2 MB today, of 50 MB",
    used=0.024,
    background_detail="Would run at most 6 h a day, on Wi-Fi.",
)

_RUNGS: Final = (
    Rung(0, "Nothing leaves", "You listen only. Your list is as good; nobody learns from you."),
    Rung(
        1,
        "Likes and trust",
        "Likes, shares, collects, and whom you trust. Items hashed, days instead of times, after a "
        "random delay of up to 24 h.",
    ),
    Rung(2, "Also listens", "In coarse counts, at most 50 at a time; the rest as above."),
    Rung(3, "As it is", "The same with item ids and times as they are, at once."),
)

_PRIVACY: Final = Privacy(
    level=1,
    rungs=_RUNGS,
    stored=(
        Fact("Your acts", "312"),
        Fact("Other people’s records", "4,870"),
        Fact("Items with names", "10,000"),
        Fact("On this device", "6.4 MB"),
    ),
    sent=(
        Sent("like of “Paper Boats”", "waits, leaves within 24 h", "made:10"),
        Sent(f"like of “{_title(18)}”", "waits, leaves within 3 h", "made:18"),
        Sent("trust in friend 12", "left 2 h ago"),
        Sent("collect of “Öland”", "left yesterday", "made:19"),
        Sent("taken back: a like", "left 3 days ago"),
        *(Sent(f"like of “{_title(n)}”", f"left {n} days ago", f"made:{n}") for n in range(4, 18)),
    ),
    more_sent=121,
    folder="/data/user/0/org.web3rec.app/files/exports",
    exports=("web3rec-2026-11-21.json", "web3rec-2026-10-03.json"),
)

_SETTINGS: Final = Settings(
    model="the graph’s own order",
    model_detail="No model is installed. What this device learnt itself did not beat it.",
    backend="NumPy",
    facts=(
        Fact("Version", "0.7.0"),
        Fact("Store", "/data/user/0/org.web3rec.app/files/web3rec"),
        Fact("Licence", "Apache-2.0"),
        Fact("Icons", "Material Design Icons, Apache-2.0"),
    ),
)

_LIST: Final = ForYou(Phase.LIST, tuple(map(_row, range(LISTED))))
_ONLINE: Final = Chip("5 peers · synced", online=True)
_OFFLINE: Final = Chip("offline · from this phone")
_LIBRARY: Final = Library(rows=MadeRows(range(CATALOGUE)), total=CATALOGUE)
_HOME: Final = State(
    chip=_ONLINE,
    for_you=_LIST,
    network=_NETWORK,
    privacy=_PRIVACY,
    library=_LIBRARY,
    settings=_SETTINGS,
)
_PLAYER: Final = Player(
    item="made:18",
    title=_title(18),
    creator=_CREATORS[5],
    cover=cover("made:18", _title(18), _CREATORS[5]),
    playing=True,
    position=83.0,
    length=214.0,
    liked=True,
)

SAMPLES: Final[Mapping[str, State]] = MappingProxyType(
    {
        "loading": State(),
        "cold": replace(
            _HOME,
            for_you=ForYou(
                Phase.COLD,
                note="Nothing is known of you yet. Pick a few tags to start from.",
                tags=tuple(
                    TagChoice(tag, 2400 // (n + 1), chosen=n in {1, 3, 19})
                    for n, tag in enumerate(TAGS)
                ),
            ),
            network=replace(_NETWORK, people=(), others=0),
            privacy=replace(_PRIVACY, level=0, sent=(), more_sent=0),
        ),
        "for you": _HOME,
        "empty": replace(
            _HOME,
            for_you=ForYou(
                Phase.EMPTY,
                note="You know everything your friends like. Trust somebody else under Network, or "
                "wait for their next records.",
            ),
        ),
        "why": replace(_HOME, why=_WHY),
        "undo": replace(
            _HOME,
            for_you=replace(_LIST, rows=_LIST.rows[:2] + _LIST.rows[3:]),
            notice=Notice(7, f"Not interested: “{_title(2)}”", undo=True),
        ),
        "network": _HOME,
        "offline": replace(
            _HOME,
            chip=_OFFLINE,
            network=replace(
                _NETWORK,
                headline="Offline",
                detail="On a metered network. Lists are made from what this phone knows.",
                connections=(),
                addresses=(),
                traffic="50 MB today, of 50 MB",
                used=1.0,
                charging_only=True,
            ),
        ),
        "privacy": replace(
            _HOME,
            privacy=replace(
                _PRIVACY,
                private=True,
                receipt="Forgotten: 3 acts on “Rain”. 2 had left and were taken back.",
            ),
        ),
        "library": _HOME,
        "search": replace(
            _HOME,
            library=Library(query="train", rows=MadeRows(range(0, 480, 24)), total=CATALOGUE),
        ),
        "playing": replace(_HOME, player=_PLAYER),
        "settings": replace(_HOME, settings=replace(_SETTINGS, scheme=Scheme.DARK, learning=True)),
        "failure": State(
            failure="The store is in use by another process. Close the other app that has it open, "
            "then start this one again.",
        ),
    }
)
"""By name: what the app shows then. "network", "library" and "for you" are one state, looked at on
different screens; `SCREENS` says which."""

SCREENS: Final[Mapping[str, str]] = MappingProxyType(
    dict.fromkeys(SAMPLES, "for you")
    | {
        "network": "network",
        "offline": "network",
        "privacy": "privacy",
        "library": "library",
        "search": "library",
        "playing": "library",
        "settings": "settings",
    }
)
"""Which screen a sample is looked at on."""
