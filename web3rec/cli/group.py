"""The group `web3rec`: which commands there are, and how they fail.

Every mistake of the caller and every trouble of the machine is one line on stderr that begins
`web3rec: error:`. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
"""

import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Final

import click

from web3rec import __version__
from web3rec.cli import extras
from web3rec.cli.plain import plain
from web3rec.cli.session import Session, default_directory
from web3rec.errors import Web3recError

COMMANDS: Final = {
    "init": ("web3rec.cli.start", "init", "Make the directory, its key and its log."),
    "record": ("web3rec.cli.acts", "record", "Record what you did with an item."),
    "import": (
        "web3rec.cli.moving",
        "import_",
        "Read your own history, or a person's of a data set.",
    ),
    "trust": ("web3rec.cli.acts", "trust", "Trust a peer's taste."),
    "block": ("web3rec.cli.acts", "block", "Never hear a peer; nobody learns of it."),
    "share": ("web3rec.cli.start", "share", "Show or set how much leaves this device."),
    "withhold": (
        "web3rec.cli.keeping",
        "withhold",
        "Never share what you do with an item or a tag.",
    ),
    "private": ("web3rec.cli.keeping", "private", "Start or end a private session."),
    "recommend": (
        "web3rec.cli.lists",
        "recommend",
        "Print the list, best first, each with its reason.",
    ),
    "why": ("web3rec.cli.why", "why", "Explain why an item is in the list."),
    "forget": (
        "web3rec.cli.forgetting",
        "forget",
        "Forget here, and ask every peer to forget too.",
    ),
    "outbox": ("web3rec.cli.outbox", "outbox", "Show exactly what would leave this device."),
    "peers": ("web3rec.cli.peers", "peers", "Show whom you trust, block and hear."),
    "export": (
        "web3rec.cli.moving",
        "export",
        "Write what you did, trust and block as JSON lines.",
    ),
    "key": ("web3rec.cli.key", "key", "Show or protect the file that is you."),
    "rotate": ("web3rec.cli.key", "rotate", "Replace your key by a new one."),
    "eval": ("web3rec.cli.eval", "eval_", "Measure lists on a data set, ours beside others."),
    "attack": ("web3rec.cli.attack", "attack", "Attack lists with Sybils, ours beside others."),
    "bench": ("web3rec.cli.bench", "bench", "Measure how long things take on this machine."),
    "distill": (
        "web3rec.cli.distill",
        "distill",
        "Train a reranking model from teachers, and sign it as a bundle.",
    ),
    "model": ("web3rec.cli.model", "model", "Install a model that orders your lists, or show it."),
    "verify": (
        "web3rec.cli.verify",
        "verify",
        "Check every row of the log, or a receipt; change nothing.",
    ),
    "audit": (
        "web3rec.cli.audit",
        "audit",
        "Rebuild every stage from the log, and compare it bit for bit.",
    ),
    "backup": (
        "web3rec.cli.backup",
        "backup",
        "Copy the log to a new directory, and check the copy.",
    ),
    "doctor": ("web3rec.cli.doctor", "doctor", "Check the installation, the key and the log."),
}
"""Name -> module, attribute, and the first line of its help: `web3rec --help` imports no module."""


class Failure(click.ClickException):
    """What a command could not do, for a reason that is no bug."""


class Interrupted(click.ClickException):
    """Ctrl-C."""

    exit_code: ClassVar[int] = 130


class Commands(click.Group):
    """A group that loads a command when it is called, and says errors in one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click asks so
        return [*COMMANDS, *(name for name in extras.names() if name not in COMMANDS)]

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click asks so
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return extras.load(cmd_name)
        module, attribute, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])
        if joined := [name for name in self.list_commands(ctx) if name not in COMMANDS]:
            with formatter.section("Commands of extras"):
                formatter.write_dl([(name, _line_of(name)) for name in joined])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise Interrupted("interrupted") from error
        except BrokenPipeError:
            raise  # click ends quietly: whoever read our output has seen enough
        except (Web3recError, OSError, ModuleNotFoundError) as error:
            what = _said(error)
            if what is None or ctx.params.get("debug"):
                raise
            raise Failure(what) from error

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run, and exit; with standalone_mode=False return or raise as click does."""
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # a title may hold what the terminal cannot
        try:
            done = super().main(
                args,
                prog_name,
                complete_var,
                standalone_mode=False,
                windows_expand_args=windows_expand_args,
                **extra,
            )
        except click.exceptions.NoArgsIsHelpError as error:
            if not standalone_mode:
                raise
            error.show()
            done = error.exit_code
        except click.ClickException as error:
            if not standalone_mode:
                raise
            done = _tell(error)
        except click.Abort as error:
            if not standalone_mode:
                raise
            stopped = isinstance(error.__cause__, KeyboardInterrupt)
            done = _tell(Interrupted("interrupted") if stopped else Failure("aborted"))
        if not standalone_mode:
            return done
        _let_go_of_stdout()
        sys.exit(done if isinstance(done, int) else 0)


def _let_go_of_stdout() -> None:
    """What a full disk would not take was told already; do not let Python try, and fail, again."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _tell(error: click.ClickException) -> int:
    """Print an error as one line; its exit code."""
    hint = ""
    if isinstance(error, click.UsageError) and error.ctx is not None:
        hint = f" (see `{error.ctx.command_path} --help`)"
    message = plain(error.format_message()).removesuffix(".")
    click.echo(f"web3rec: error: {message}{hint}", err=True)
    return error.exit_code


def _said(error: Exception) -> str | None:
    """The error in a line; None for what only a bug of ours explains."""
    if isinstance(error, ModuleNotFoundError):
        needs = extras.remedy(error)
        return None if needs is None else f"this {needs}"
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}"
    return str(error)


def _line_of(name: str) -> str:
    """The first line of help of a command of another package, or why there is none."""
    try:
        command = extras.load(name)
    except click.ClickException as error:
        return error.format_message()
    return command.get_short_help_str(limit=100) if command is not None else ""


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--dir",
    "directory",
    type=click.Path(file_okay=True, path_type=Path),
    envvar="WEB3REC_DIR",
    show_envvar=True,
    help="Where key and log live; by default where this platform keeps applications' data.",
)
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    help="A TOML file; by default web3rec.toml in the directory, if it is there.",
)
@click.option("--debug", is_flag=True, help="Show a traceback where something fails.")
@click.version_option(__version__, prog_name="web3rec")
@click.pass_context
def main(
    ctx: click.Context, directory: Path | None, config_file: Path | None, *, debug: bool
) -> None:
    """A recommender that lives on your own device and that nobody can rig.

    Results go to stdout (with --json as JSON lines), all else to stderr.

    \b
    For instance:
      web3rec init
      web3rec record like trk:42 --title "Blue Train"
      web3rec recommend
    """
    where = default_directory() if directory is None else directory.expanduser()
    ctx.obj = Session(where, config_file, debug)
