"""What a person may ask for on the screens. Every call returns at once; a new State follows."""

from pathlib import Path
from typing import Protocol

from mobile.viewmodel.settings import Scheme


class Wishes(Protocol):
    """The screens' only way to do anything."""

    # -- the list -------------------------------------------------------------------------------

    def refresh(self) -> None:
        """A new list."""
        ...

    def like(self, item: str) -> None:
        """More like this; again takes it back."""
        ...

    def less(self, item: str) -> None:
        """Less like this: a skip, which stays here; gone from the list, can be undone."""
        ...

    def not_interested(self, item: str) -> None:
        """Never again; gone from the list, can be undone."""
        ...

    def undo(self, notice: int) -> None:
        """Take back what this notice is about; nothing if it is too late."""
        ...

    def choose_tag(self, tag: str) -> None:
        """Choose a tag in the cold start, or choose it no more."""
        ...

    def start_from_tags(self) -> None:
        """Make a list of the chosen tags."""
        ...

    # -- why ------------------------------------------------------------------------------------

    def open_why(self, item: str) -> None:
        """Open the sheet for an item of the list."""
        ...

    def close_why(self) -> None: ...

    def less_from(self, peer: str) -> None:
        """Trust this peer half as much, or no more, if that was little; can be undone."""
        ...

    # -- network --------------------------------------------------------------------------------

    def use_network(self, *, on: bool) -> None: ...
    def unmetered_only(self, *, on: bool) -> None: ...
    def charging_only(self, *, on: bool) -> None: ...
    def background(self, *, on: bool) -> None: ...

    def catch_up(self) -> None:
        """Sync with every connected peer now."""
        ...

    def dial(self, address: str) -> None:
        """Stay connected to a multiaddress; a notice says what is wrong with it."""
        ...

    def trust(self, peer: str, weight: float, name: str = "") -> None:
        """0 takes it back. A name of "" leaves the one there is."""
        ...

    def block(self, peer: str, *, blocked: bool) -> None: ...

    # -- privacy --------------------------------------------------------------------------------

    def share(self, level: int) -> None: ...
    def private_session(self, *, on: bool) -> None: ...
    def keep_learning(self, *, on: bool) -> None: ...
    def forget_item(self, item: str) -> None: ...
    def forget_hour(self) -> None: ...
    def forget_all(self) -> None: ...
    def export(self, path: Path, passphrase: str) -> None: ...
    def bring_in(self, path: Path, passphrase: str) -> None:
        """Import what `export` wrote."""
        ...

    def new_identity(self) -> None:
        """A new key; the list starts from what this device keeps."""
        ...

    # -- library and player ---------------------------------------------------------------------

    def search(self, words: str) -> None: ...
    def play(self, item: str) -> None: ...

    def pause(self, *, paused: bool) -> None:
        """The player, not the network."""
        ...

    def next(self) -> None:
        """What plays is left, early or late, and the next of the list plays."""
        ...

    def stop(self) -> None:
        """What plays is left, and nothing plays."""
        ...

    # -- settings -------------------------------------------------------------------------------

    def use_scheme(self, scheme: Scheme) -> None: ...

    def learn(self) -> None:
        """Let the device find out what orders its lists best, now."""
        ...

    def dismiss(self, notice: int) -> None:
        """A notice was seen, or its time is over."""
        ...
