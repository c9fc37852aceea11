"""`web3rec node token` and `page`: the loopback TCP door, for browsers and scrapers."""

import webbrowser
from pathlib import Path

import click

from p2p.cli.reaching import asking, control_options
from p2p.control.options import ControlOptions
from p2p.errors import NodeError
from web3rec.cli.session import Session


@click.command()
@asking
@click.pass_obj
def token(session: Session, file: Path | None, *, as_json: bool) -> None:
    """Print where the tokens for the TCP door are; never what they are.

    One may look, the other may also change things. The node makes them when TCP is switched on
    ([control] tcp_port); remove a file and restart the node for a new one. The Unix socket needs
    none: it knows its user.

    \b
    For instance:
      web3rec node token
      curl -H "Authorization: Bearer $(cat control-read.token)" http://127.0.0.1:4080/v1/status
    """
    from web3rec.cli.output import result, table  # noqa: PLC0415 - rich

    options = control_options(session, file)
    files = {"read": options.read_token, "write": options.write_token}
    found = {scope: session.directory / name for scope, name in files.items()}
    if as_json:
        for scope, path in found.items():
            result({"scope": scope, "path": str(path), "there": path.exists()})
    else:
        rows = [
            (scope, str(path), "" if path.exists() else "not made yet")
            for scope, path in found.items()
        ]
        table(("may", "file", ""), rows)


@click.command()
@click.option("--open", "show", is_flag=True, help="Open it in a browser.")
@asking
@click.pass_obj
def page(session: Session, file: Path | None, *, show: bool, as_json: bool) -> None:
    """Print the address of the status page, if TCP is switched on.

    The page asks for a token: `web3rec node token` says where they are.

    \b
    For instance:
      web3rec node page
      web3rec node page --open
    """
    from web3rec.cli.output import result, say  # noqa: PLC0415 - rich

    url = page_url(control_options(session, file))
    if as_json:
        result({"url": url})
    else:
        say(url)
    if show and not webbrowser.open(url):
        raise NodeError(f"no browser could be opened; go to {url}")


def page_url(options: ControlOptions) -> str:
    """Where the status page is. Raises NodeError: there is none, or nobody can say where."""
    if options.tcp_port is None or not options.page:
        missing = "tcp_port = 4080" if options.tcp_port is None else "page = true"
        raise NodeError(f"there is no status page: set {missing} in [control] and restart the node")
    if options.tcp_port == 0:
        raise NodeError("tcp_port is 0, so the system chose the port: the node's log says which")
    host = f"[{options.tcp_host}]" if ":" in options.tcp_host else options.tcp_host
    return f"http://{host}:{options.tcp_port}/"
