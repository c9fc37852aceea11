"""What is optional: the extras of the distribution, and the commands other packages bring.

A command of another package is imported when it is called or listed, never before.
"""

from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import Final

import click

GROUP: Final = "web3rec.commands"
"""The entry-point group: name = a click command, called with a `Session` as its object."""
NEEDS: Final = {
    "app": ("kivy",),
    "distill": ("torch", "transformers", "onnx"),
    "eval": ("matplotlib", "implicit", "pytrec_eval", "scipy", "threadpoolctl"),
    "onnx": ("onnxruntime",),
    "p2p": ("libp2p", "trio", "multiaddr", "h11", "httpx", "prometheus_client", "zeroconf"),
}
"""Extra -> the modules it brings."""


def installed(extra: str) -> bool:
    """Whether an extra's modules can be found; none is imported."""
    return all(find_spec(module) is not None for module in NEEDS[extra])


def remedy(missing: ModuleNotFoundError) -> str | None:
    """What to install for the module that was not found; None if no extra brings it."""
    module = (missing.name or "").partition(".")[0]
    for extra, modules in NEEDS.items():
        if module in modules:
            return f"needs {module}, which is not installed: pip install 'web3rec[{extra}]'"
    return None


def names() -> list[str]:
    """The commands other packages bring; imports none of them."""
    return sorted(set(entry_points(group=GROUP).names))


def load(name: str) -> click.Command | None:
    """Import a command; None if nobody brings one of that name.

    Raises:
        ClickException: it cannot be imported; the message says what to install.
    """
    found: list[EntryPoint] = list(entry_points(group=GROUP, name=name))
    if not found:
        return None
    try:
        command = getattr(import_module(found[0].module), found[0].attr)
    except ModuleNotFoundError as error:
        raise click.ClickException(f"the command {name!r} {remedy(error) or why(error)}") from error
    except (ImportError, AttributeError) as error:
        raise click.ClickException(f"the command {name!r} {why(error)}") from error
    if not isinstance(command, click.Command):
        raise click.ClickException(
            f"the command {name!r} is broken: {found[0].value} is no command"
        )
    return command


def why(error: Exception) -> str:
    """An import that failed for a reason no extra mends."""
    return f"cannot be loaded ({error}); is its package installed whole?"
