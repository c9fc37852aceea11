"""Open the store for a command: to read beside whoever holds it, or to write alone."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from web3rec.cli.session import Session
from web3rec.errors import DataError

if TYPE_CHECKING:
    from web3rec.options import Options
    from web3rec.recommender import Recommender

# The imports inside load NumPy and SQLite: commands of other packages import this file when
# `web3rec --help` lists them, and need neither for that.


def options(
    session: Session, *, read_only: bool, mode: str | None = None, seeds: Sequence[str] = ()
) -> "Options":
    """The options of this call: flags, then the environment, then the config file.

    Raises DataError (config), ParamError.
    """
    from web3rec.cli import passphrase  # noqa: PLC0415
    from web3rec.cli.config import read_config  # noqa: PLC0415
    from web3rec.options import Options  # noqa: PLC0415
    from web3rec.rank.admission import Mode  # noqa: PLC0415

    config = read_config(session.directory, session.config_file, os.environ)
    return Options(
        mode=Mode(mode or config.mode),
        seeds=tuple(seeds) or config.seeds,
        share_delay_hours=config.share_delay_hours,
        read_only=read_only,
        passphrase=passphrase.of_key(),
    )


@contextmanager
def reading(
    session: Session, *, mode: str | None = None, seeds: Sequence[str] = ()
) -> "Iterator[Recommender]":
    """The store, read-only: works beside a running node. Raises what `Recommender.open` does."""
    from web3rec.recommender import Recommender  # noqa: PLC0415

    chosen = options(session, read_only=True, mode=mode, seeds=seeds)
    with Recommender.open(session.directory, chosen) as rec:
        yield rec


@contextmanager
def writing(session: Session, *, new: bool = False) -> "Iterator[Recommender]":
    """The store, for this process alone. Raises what `Recommender.open` does.

    Only with `new` is a store made where none is: a misspelt --dir shall not become an identity.
    """
    from web3rec.identity import KEY_FILE  # noqa: PLC0415
    from web3rec.recommender import Recommender  # noqa: PLC0415
    from web3rec.store import LOG_FILE  # noqa: PLC0415

    chosen = options(session, read_only=False)
    there = any((session.directory / name).exists() for name in (KEY_FILE, LOG_FILE))
    if not new and not there:
        raise DataError(f"there is no web3rec in {session.directory}; `web3rec init` makes one")
    with Recommender.open(session.directory, chosen) as rec:
        yield rec
