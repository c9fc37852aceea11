"""The screen "Network": whose taste is heard, when anything is exchanged, with which devices."""

from typing import Any

from mobile.screens.copying import CopyText
from mobile.screens.meeting import AddressSheet, FriendSheet
from mobile.screens.person import PersonRow, PersonSheet
from mobile.theme import GAP, HAIR, Role
from mobile.viewmodel import Connection, Network, Person, State, Wishes
from mobile.widgets import (
    Bar,
    Button,
    Card,
    Column,
    House,
    Icon,
    Listing,
    Page,
    Strip,
    Text,
    Toggle,
    hold,
)

FEW = 5
"""People shown at first, and more at each press: so many are made within a frame of 100 ms"""


class NetworkScreen(Page):
    """All of `Network`.

    Args:
        wishes: told what a person asks for.
        house: opens sheets.
    """

    def __init__(self, wishes: Wishes, house: House, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._wishes = wishes
        self._house = house
        self._network: Network | None = None
        self.sheet: PersonSheet | None = None
        """The one that is open"""
        self.status = _Status(wishes)
        self.people = Listing(
            lambda: PersonRow(wishes, self._more),
            lambda person: person.peer,
            few=FEW,
            more="Show {} more",
        )
        self._others = Text(role=Role.CAPTION, colour="quiet")
        self._nobody = Text(
            "Nobody yet. Lists are made from what this device knows until you trust somebody.",
            colour="quiet",
        )
        self.add_friend = Button(
            "Add a friend", icon="account-plus-outline", kind="tonal", on_press=self._friend
        )
        self.toggles = _Toggles(wishes)
        self.me = CopyText("", "Copy your key")
        self.connections = Listing(_ConnectionRow, lambda one: one.peer, gap=GAP)
        self._alone = Text("None now.", colour="quiet")
        self._addresses = Text(role=Role.CAPTION, colour="quiet")
        self.connect = Button("Connect to an address", icon="lan-connect", on_press=self._address)
        self.add(self.status)
        self._people = self.section(
            "People",
            note="How much the taste of each counts in your lists. It is yours to say; from level "
            "1 on under Privacy others see it.",
        )
        self.section("When to exchange", self.toggles)
        self.section("Your key", self.me, note="Give it to friends, so that they can trust you.")
        self._devices = self.section(
            "Devices",
            note="Connected now. A device's connection says nothing about whose it is.",
        )

    def show(self, state: State) -> None:
        """Show the part; the same object as before costs nothing."""
        network = state.network
        if network is self._network:
            return
        self._network = network
        self.status.show(network)
        self._show_people(network)
        self.toggles.show(network)
        self.me.text = network.me
        self._show_devices(network)

    def again(self) -> None:
        """To the beginning."""
        self.to_top()

    def _show_people(self, network: Network) -> None:
        self.people.show(network.people)
        others = network.others
        self._others.text = f"And {others} more who are known, but hardly count." if others else ""
        hold(
            self._people.card,
            self.people if network.people else self._nobody,
            self._others if others else None,
            self.add_friend,
        )
        if self.sheet is not None:
            for person in network.people:
                if person.peer == self.sheet.peer:
                    self.sheet.show(person)

    def _show_devices(self, network: Network) -> None:
        self.connections.show(network.connections)
        here = "\n".join(network.addresses)
        self._addresses.text = f"This device can be dialled at\n{here}" if here else ""
        hold(
            self._devices.card,
            self.connections if network.connections else self._alone,
            self._addresses if here else None,
            self.connect,
        )

    def _more(self, person: Person) -> None:
        self.sheet = PersonSheet(self._wishes, person)
        self._house.open_sheet(self.sheet, self._closed)

    def _closed(self) -> None:
        self.sheet = None

    def _friend(self) -> None:
        self._house.open_sheet(FriendSheet(self._wishes, self._house.close_sheet))

    def _address(self) -> None:
        self._house.open_sheet(AddressSheet(self._wishes, self._house.close_sheet))


class _Status(Card):
    """Whether anything is exchanged, and how much was today."""

    def __init__(self, wishes: Wishes) -> None:
        super().__init__()
        self._icon = Icon("wifi-off", colour="quiet", size=28)
        self.headline = Text(role=Role.HEADING)
        self.detail = Text(colour="quiet")
        self._words = Column(self.headline, gap=HAIR)
        self._traffic = Text(role=Role.CAPTION, colour="quiet")
        self._full = Text("Nothing more is exchanged today.", role=Role.CAPTION, colour="danger")
        self.bar = Bar()
        self._day = Column(self._traffic, self.bar, gap=HAIR)
        self.catch_up = Button("Catch up now", icon="sync", on_press=wishes.catch_up)
        hold(self, Strip(self._icon, self._words, gap=GAP), self._day, self.catch_up)

    def show(self, network: Network) -> None:
        exchanging = bool(network.connections)
        self._icon.name = "wifi" if exchanging else "wifi-off"
        self._icon.recolour("accent" if exchanging else "quiet")
        self.headline.text = network.headline
        self.detail.text = network.detail
        hold(self._words, self.headline, self.detail if network.detail else None)
        self._traffic.text = f"Exchanged: {network.traffic}"
        self.bar.fraction = network.used
        full = network.used >= 1
        hold(self._day, self._traffic, self.bar, self._full if full else None)
        self.catch_up.disabled = not network.on


class _Toggles(Column):
    """When the network may be used."""

    def __init__(self, wishes: Wishes) -> None:
        self.on = Toggle(
            "Use the network",
            "Off: nothing comes and nothing leaves; lists are made from what is here.",
            on_change=lambda on: wishes.use_network(on=on),
        )
        self.unmetered = Toggle(
            "Wi-Fi only",
            "Not on networks that count what is used.",
            on_change=lambda on: wishes.unmetered_only(on=on),
        )
        self.charging = Toggle(
            "Only while charging", on_change=lambda on: wishes.charging_only(on=on)
        )
        self.background = Toggle("In the background", on_change=lambda on: wishes.background(on=on))
        super().__init__(self.on, self.unmetered, self.charging, self.background)

    def show(self, network: Network) -> None:
        self.on.on = network.on
        self.unmetered.on = network.unmetered_only
        self.charging.on = network.charging_only
        self.background.on = network.background
        for toggle in (self.unmetered, self.charging, self.background):
            toggle.disabled = not network.on
        self.background.detail = network.background_detail or (
            "Also while this app is closed. Off, it catches up whenever you open it."
        )


class _ConnectionRow(Strip):
    """A device that this one is connected to."""

    def __init__(self) -> None:
        self._peer = Text(lines=1)
        self._detail = Text(role=Role.CAPTION, colour="quiet", lines=2)
        super().__init__(
            Icon("lan-connect", colour="quiet"), Column(self._peer, self._detail, gap=1), gap=GAP
        )

    def show(self, connection: Connection) -> None:
        self._peer.text = connection.peer
        self._detail.text = connection.detail
