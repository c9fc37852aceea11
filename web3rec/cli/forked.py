"""A command that works by itself, and under whose name others stand.

    web3rec eval --data ...           the command
    web3rec eval unlearn --data ...   another one, with options of its own

click's groups cannot do this where the command has options that must be given.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class Forked(click.Command):
    """A command; where its first word names one of its branches, that one is called."""

    def __init__(
        self, *args: Any, branches: Mapping[str, tuple[str, str, str]] | None = None, **rest: Any
    ) -> None:
        """`branches`: name -> module, attribute, and the first line of its help."""
        super().__init__(*args, **rest)
        self.branches = dict(branches or {})

    def branch(self, name: str) -> click.Command:
        """Load one of them."""
        module, attribute, _ = self.branches[name]
        found: click.Command = getattr(import_module(module), attribute)
        return found

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        if args and args[0] in self.branches:
            name = f"{info_name} {args[0]}"
            return self.branch(args[0]).make_context(name, args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in self.branches.items()])
