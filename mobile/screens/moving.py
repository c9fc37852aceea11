"""Exports, imports and a new key: how what a device knows goes to another one."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from mobile.theme import GAP, HAIR, MARGIN, SMALL, WIDE, Role
from mobile.viewmodel import Privacy, Wishes
from mobile.widgets import Button, Choice, Column, Field, Gap, House, Text, hold

FILE = "web3rec-export.jsonl"
"""What an export is called if nobody says otherwise"""
NEW_KEY = (
    "Your key is replaced by a new one. Those who trust the old one are told that both are yours, "
    "in public, so trust and lists stay. To be somebody else, that is not enough. What had left "
    "is said again under the new key, as far as your level lets it. It cannot be undone."
)


class MovingSection(Column):
    """Three buttons, and the sheets behind them."""

    def __init__(self, wishes: Wishes, house: House) -> None:
        super().__init__(gap=GAP)
        self._wishes = wishes
        self._house = house
        self._privacy = Privacy()
        self._where = Text(role=Role.CAPTION, colour="quiet")
        self.export = Button("Export", icon="export-variant", on_press=self._export)
        self.bring_in = Button("Import", icon="tray-arrow-down", on_press=self._bring_in)
        self.new_key = Button("New identity", icon="key-variant", kind="danger", on_press=self._key)
        hold(self, self._where, self.export, self.bring_in, self.new_key)

    def show(self, privacy: Privacy) -> None:
        self._privacy = privacy
        self._where.text = (
            f"Exports are files in {privacy.folder}"
            if privacy.folder
            else "This device has no folder for exports."
        )
        self.export.disabled = self.bring_in.disabled = bool(privacy.busy) or not privacy.folder
        self.new_key.disabled = bool(privacy.busy)

    def _export(self) -> None:
        done = self._house.close_sheet
        self._house.open_sheet(ExportSheet(self._wishes, self._privacy, done))

    def _bring_in(self) -> None:
        done = self._house.close_sheet
        self._house.open_sheet(ImportSheet(self._wishes, self._privacy, done))

    def _key(self) -> None:
        self._house.confirm(
            "A new identity?", NEW_KEY, "Make a new key", self._wishes.new_identity, danger=True
        )


class ExportSheet(Column):
    """Where to, and under which passphrase.

    Args:
        wishes: told of it.
        privacy: says the folder, and which files are there.
        on_done: called when the wish was told.
    """

    def __init__(
        self, wishes: Wishes, privacy: Privacy, on_done: Callable[[], object], **kwargs: Any
    ) -> None:
        self._wishes = wishes
        self._folder = Path(privacy.folder)
        self._there = privacy.exports
        self._on_done = on_done
        self.name = Field("File name", self._look)
        self.passphrase = Field("Passphrase, or nothing", self._look, secret=True)
        self.again = Field("The passphrase once more", self._look, secret=True)
        self.flaw = Text(role=Role.CAPTION, colour="danger")
        self.export = Button("Export", icon="export-variant", kind="filled", on_press=self._export)
        super().__init__(
            Text("Export", role=Role.TITLE),
            Text(
                "All you did, whom you trust and block, and what you keep to yourself. Not your "
                "key. Without a passphrase whoever has the file can read it.",
                colour="quiet",
            ),
            self.name,
            self.passphrase,
            self.again,
            self.flaw,
            Gap(SMALL),
            self.export,
            gap=GAP,
            padding=(WIDE, SMALL, WIDE, MARGIN),
            **kwargs,
        )
        self.name.put(FILE)
        self._look()

    def _look(self, _text: str = "") -> None:
        name = self.name.text.strip()
        flaw = name_flaw(name)
        if not flaw and self.passphrase.text != self.again.text:
            flaw = "The two passphrases differ." if self.again.text else ""
        self.export.disabled = bool(name_flaw(name)) or self.passphrase.text != self.again.text
        if not flaw and name in self._there:
            flaw = "There is a file of this name: it will be replaced."
        self.flaw.text = flaw

    def _export(self) -> None:
        self._wishes.export(self._folder / self.name.text.strip(), self.passphrase.text)
        self._on_done()


class ImportSheet(Column):
    """Which file, and its passphrase.

    Args:
        wishes: told of it.
        privacy: says the folder, and which files are there.
        on_done: called when the wish was told.
    """

    def __init__(
        self, wishes: Wishes, privacy: Privacy, on_done: Callable[[], object], **kwargs: Any
    ) -> None:
        self._wishes = wishes
        self._folder = Path(privacy.folder)
        self._on_done = on_done
        self.choices = [
            Choice(name, on_press=partial(self._choose, name)) for name in privacy.exports
        ]
        self.name = Field("File name", self._look)
        self.passphrase = Field("Its passphrase, if it has one", secret=True)
        self.flaw = Text(role=Role.CAPTION, colour="danger")
        self.bring_in = Button(
            "Import", icon="tray-arrow-down", kind="filled", on_press=self._bring_in
        )
        super().__init__(
            Text("Import", role=Role.TITLE),
            Text(
                "What is in the file is added to what is here. What was kept from leaving there "
                f"never leaves here either. Files are looked for in {privacy.folder}",
                colour="quiet",
            ),
            Column(*self.choices, gap=HAIR),
            self.name,
            self.flaw,
            self.passphrase,
            Gap(SMALL),
            self.bring_in,
            gap=GAP,
            padding=(WIDE, SMALL, WIDE, MARGIN),
            **kwargs,
        )
        if privacy.exports:
            self.name.put(privacy.exports[0])
        self._look()

    def _choose(self, name: str) -> None:
        self.name.text = name

    def _look(self, _text: str = "") -> None:
        name = self.name.text.strip()
        for choice in self.choices:
            choice.chosen = choice.title == name
        self.bring_in.disabled = bool(name_flaw(name))
        self.flaw.text = name_flaw(name) if name else ""

    def _bring_in(self) -> None:
        self._wishes.bring_in(self._folder / self.name.text.strip(), self.passphrase.text)
        self._on_done()


def name_flaw(name: str) -> str:
    """What keeps a name from being that of a file in the folder; "" if nothing does."""
    if not name:
        return "Give the file a name."
    if name in {".", ".."} or any(mark in name for mark in "/\\:\0"):
        return "A name without / \\ or : please; it is a file in that folder."
    if len(name.encode()) > 200:  # file systems allow 255 bytes
        return "That name is too long."
    return ""
