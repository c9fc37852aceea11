"""`web3rec node config` and `init-config`: what a node is told, and by whom."""

import json
import os
from pathlib import Path

import click

from p2p.config import FILE, SECRET, config_file, example, read_config
from web3rec.cli.session import Session
from web3rec.errors import ReadOnly


@click.command()
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A TOML file; by default node.toml in the directory, if it is there.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines, one a setting.")
@click.pass_obj
def config(session: Session, file: Path | None, *, as_json: bool) -> None:
    """Print the settings that hold, each with where it came from.

    The file and the environment are read as `web3rec node run` reads them, and refused alike; so
    this also checks a file before a service is restarted.

    \b
    For instance:
      web3rec node config
      web3rec node config --config /etc/web3rec/node.toml
    """
    from web3rec.cli.output import result, table  # noqa: PLC0415 - rich

    found = read_config(config_file(file, session.directory), os.environ, {})
    if as_json:
        for one in found.chosen:
            hidden = (one.table, one.name) in SECRET and one.value
            value = "(hidden)" if hidden else json.loads(json.dumps(one.value, default=str))
            place = {"table": one.table, "key": one.name}
            result(place | {"value": value, "from": one.origin})
        return
    rows = [(f"{one.table}.{one.name}", one.shown, one.origin) for one in found.chosen]
    table(("setting", "value", "from"), rows)


@click.command("init-config")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_obj
def init_config(session: Session, path: Path | None, *, as_json: bool) -> None:
    """Write a settings file with every setting, its meaning and its default.

    PATH is node.toml in the directory by default, where `web3rec node run` finds it. A file that
    is there is never overwritten; PATH may be - for stdout.

    \b
    For instance:
      web3rec node init-config
      web3rec node init-config /etc/web3rec/node.toml
    """
    text = example()
    if path == Path("-"):
        click.echo(text, nl=False)
        return
    where = session.directory / FILE if path is None else path
    try:
        with where.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ReadOnly(f"{where} is there already, and was left as it is") from None
    except OSError as error:
        raise ReadOnly(f"cannot write {where}: {error.strerror or error}") from None
    where.chmod(0o600)  # it may come to hold a network key
    click.echo(json.dumps({"path": str(where)}) if as_json else str(where))
