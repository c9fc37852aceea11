"""The two sheets that widen the network: trusting somebody by key, and dialling an address."""

from collections.abc import Callable
from typing import Any

from mobile.screens.copying import pasted
from mobile.screens.person import STEPS, trust_words
from mobile.theme import GAP, MARGIN, SMALL, WIDE, Role
from mobile.viewmodel import Wishes
from mobile.widgets import Button, Column, Field, Gap, Level, Text

KEY = "did:key:z"
"""How every did:key begins (multibase base58-btc)"""
SHORTEST_KEY = 50
"""Characters; an Ed25519 key has 56. Whether it is one is checked by whoever grants the wish."""
FIRST_TRUST = 0.5
"""Halfway: a guess at what one means who does not move the level"""


class FriendSheet(Column):
    """Trust somebody: key, name, how much.

    Args:
        wishes: told of the trust.
        on_done: called when that is done.
    """

    def __init__(self, wishes: Wishes, on_done: Callable[[], object], **kwargs: Any) -> None:
        self._wishes = wishes
        self._on_done = on_done
        self.key = Field("Key: did:key:z…", self._look, on_enter=lambda _key: self._trust())
        self.paste = Button("Paste the key", icon="tray-arrow-down", on_press=self._paste)
        self.name = Field("What you call them (stays here)")
        self.level = Level("Your trust", FIRST_TRUST, steps=STEPS, words=trust_words)
        self.flaw = Text(role=Role.CAPTION, colour="danger")
        self.trust = Button(
            "Trust them", icon="account-plus-outline", kind="filled", on_press=self._trust
        )
        self.trust.disabled = True
        super().__init__(
            Text("Add a friend", role=Role.TITLE),
            Text(
                "What they like counts in your lists, and what those like whom they trust counts "
                "a little. Ask them for their key: it is on their screen Network.",
                colour="quiet",
            ),
            self.key,
            self.paste,
            self.flaw,
            self.name,
            self.level,
            Gap(SMALL),
            self.trust,
            gap=GAP,
            padding=(WIDE, SMALL, WIDE, MARGIN),
            **kwargs,
        )

    def _paste(self) -> None:
        self.key.text = pasted()

    def _look(self, key: str) -> None:
        key = key.strip()
        self.flaw.text = "" if _begins_well(key) else f"A key begins with {KEY}"
        self.trust.disabled = not self._fit

    @property
    def _fit(self) -> bool:
        key = self.key.text.strip()
        return key.startswith(KEY) and len(key) >= SHORTEST_KEY

    def _trust(self) -> None:
        if self._fit and self.level.value > 0:
            name = self.name.text.strip()
            self._wishes.trust(self.key.text.strip(), self.level.value, name)
            self._on_done()


class AddressSheet(Column):
    """Stay connected to an address.

    Args:
        wishes: told of the address.
        on_done: called when that is done.
    """

    def __init__(self, wishes: Wishes, on_done: Callable[[], object], **kwargs: Any) -> None:
        self._wishes = wishes
        self._on_done = on_done
        self.address = Field(
            "/ip4/…/tcp/…/p2p/…", self._look, on_enter=lambda _address: self._dial()
        )
        self.paste = Button("Paste the address", icon="tray-arrow-down", on_press=self._paste)
        self.dial = Button("Connect", icon="lan-connect", kind="filled", on_press=self._dial)
        self.dial.disabled = True
        super().__init__(
            Text("Connect to an address", role=Role.TITLE),
            Text(
                "A device that you know of, by its multiaddress. To be connected to it is not to "
                "trust anybody: it only passes on what people said.",
                colour="quiet",
            ),
            self.address,
            self.paste,
            Gap(SMALL),
            self.dial,
            gap=GAP,
            padding=(WIDE, SMALL, WIDE, MARGIN),
            **kwargs,
        )

    def _paste(self) -> None:
        self.address.text = pasted()

    def _look(self, address: str) -> None:
        self.dial.disabled = not address.strip().startswith("/")

    def _dial(self) -> None:
        if not self.dial.disabled:
            self._wishes.dial(self.address.text.strip())
            self._on_done()


def _begins_well(key: str) -> bool:
    return key.startswith(KEY) or KEY.startswith(key)
