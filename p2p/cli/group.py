"""The group `web3rec node`: its commands, each loaded when it is called."""

from importlib import import_module
from typing import Final

import click

COMMANDS: Final = {
    "run": "p2p.cli.running",
    "status": "p2p.cli.asking",
    "peers": "p2p.cli.asking",
    "dial": "p2p.cli.asking",
    "ban": "p2p.cli.asking",
    "unban": "p2p.cli.asking",
    "sync": "p2p.cli.asking",
    "pause": "p2p.cli.asking",
    "resume": "p2p.cli.asking",
    "stop": "p2p.cli.asking",
    "token": "p2p.cli.doors",
    "page": "p2p.cli.doors",
    "config": "p2p.cli.settings",
    "init-config": "p2p.cli.settings",
}
"""Name -> the module it stands in, under the same name (with _ for -)."""


class Commands(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click asks so
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click asks so
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(COMMANDS[cmd_name])
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command


@click.group(cls=Commands)
def node() -> None:
    """Run this device's peer on the network.

    \b
    For instance:
      web3rec node run
      web3rec node status
    """
