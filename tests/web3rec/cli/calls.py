"""The command line as tests call it: in this process, on a directory of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from click.testing import CliRunner

from web3rec import Event, Options, PeerId, Recommender
from web3rec.cli import main
from web3rec.records import did_key

ROOT: Final = Path(__file__).resolve().parents[3]
"""The checkout."""
STRANGER: Final = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
"""A key nobody here holds."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a call printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The JSON lines of stdout."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def complaint(self) -> str:
        """The one line of a failure, without its `web3rec: error: `."""
        assert self.code != 0, self.out
        assert self.out == ""
        assert "Traceback" not in self.err
        line, *more = self.err.splitlines()
        assert not more, self.err
        assert line.startswith("web3rec: error: ")
        return line.removeprefix("web3rec: error: ")


@dataclass(frozen=True, slots=True)
class Place:
    """A directory, and `web3rec --dir DIRECTORY` in it."""

    path: Path

    def __call__(
        self, *words: str, env: Mapping[str, str] | None = None, answer: str | None = None
    ) -> Said:
        """Run a command; whatever it raises that is no error of ours fails the test."""
        clean = {name: None for name in os.environ if name.startswith("WEB3REC_")}
        called = CliRunner().invoke(
            main,
            ["--dir", str(self.path), *words],
            env={**clean, **(env or {})},
            input=answer,
            prog_name="web3rec",
        )
        if called.exception is not None and not isinstance(called.exception, SystemExit):
            raise called.exception
        return Said(called.exit_code, called.stdout, called.stderr)

    def fine(self, *words: str, env: Mapping[str, str] | None = None) -> Said:
        """Run a command that must succeed."""
        said = self(*words, env=env)
        assert said.code == 0, said.err
        return said

    def process(self, *words: str) -> Said:
        """Run a command as people do, in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "web3rec", "--dir", str(self.path), *words],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def acts(self) -> list[tuple[str, str]]:
        """(item, kind) of all the log holds of the ego's."""
        with Recommender.open(self.path, Options(read_only=True)) as rec:
            return [(item, kind) for item, kind, *_ in rec.log.history()]

    def hears(self, friend: Path, liked: Iterable[str]) -> str:
        """Somebody in another directory likes some items, and it arrives here; their did:key."""
        at_once = Options(share_delay_hours=0)
        with Recommender.open(friend, at_once) as other, Recommender.open(self.path) as rec:
            other.share(1)
            for item in liked:
                other.record(Event.LIKE, item)
            judged = [rec.log.judge(envelope).signed for envelope in other.log.release()]
            rec.log.ingest([signed for signed in judged if signed is not None])
            return did_key(PeerId(other.me))
