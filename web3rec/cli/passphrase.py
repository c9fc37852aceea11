"""Where passphrases come from: a file that only this user can read, or the terminal."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from web3rec.errors import DataError, PassphraseError

VARIABLE: Final = "WEB3REC_PASSPHRASE_FILE"
"""Names the file that holds the key's passphrase, for processes nobody can be asked in."""


def of_key() -> Callable[[], str]:
    """Asks for the key's passphrase when it is called: the file of VARIABLE, else the terminal."""

    def asked() -> str:
        named = os.environ.get(VARIABLE, "")
        return in_file(Path(named)) if named else typed("Passphrase of the key", VARIABLE)

    return asked


def in_file(path: Path) -> str:
    """What a file holds, without the newline at its end.

    Raises KeyFileError (unreadable, or others can read it), DataError (no text).
    """
    from web3rec.records import keyfile  # noqa: PLC0415 - loads the keys' libraries

    try:
        text = keyfile.read(path).decode()
    except UnicodeDecodeError:
        raise DataError("a passphrase must be UTF-8 text", where=str(path)) from None
    return text.removesuffix("\n").removesuffix("\r")


def typed(what: str, instead: str, *, twice: bool = False) -> str:
    """What somebody types without seeing it.

    Raises PassphraseError where nobody can be asked; `instead` says what to use there.
    """
    if not at_terminal():
        raise PassphraseError(f"a passphrase is needed and nobody can be asked: use {instead}")
    said: str = click.prompt(what, hide_input=True, confirmation_prompt=twice, err=True)
    return said


def at_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()
