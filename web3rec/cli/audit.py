"""`audit`: is every stage the function of the log that it must be?"""

import click

from web3rec.cli import arguments
from web3rec.cli.opening import reading
from web3rec.cli.output import news, result, say, table
from web3rec.cli.session import Session
from web3rec.unlearn.residue import left_of


@click.command()
@click.option(
    "--forgotten",
    "items",
    multiple=True,
    type=arguments.text,
    help="Search every file for this item, too, which you forgot.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print JSON lines: each stage, then the verdict."
)
@click.pass_context
def audit(ctx: click.Context, items: tuple[str, ...], *, as_json: bool) -> None:
    """Rebuild every stage from the log, and compare it bit for bit.

    The rows of the log, what is kept in memory, graph, trust, admission, list and models. Changes
    nothing, and works beside a running node. Exit code 1 if a stage is unequal, or an item that
    was forgotten is found.

    \b
    For instance:
      web3rec audit
      web3rec audit --forgotten trk:42 --json
    """
    session: Session = ctx.obj
    with reading(session) as rec:
        found = rec.audit()
        stages = [*found.stages, *(left_of(rec.path, rec.log, item) for item in items)]
    if as_json:
        for one in stages:
            told = {"stage": one.name, "equal": one.equal, "count": one.count}
            result(told | {"what": one.what})
        result({"at": found.at, "clean": all(one.equal for one in stages)})
    else:
        table(
            ("stage", "equal", "count", "what"),
            [(s.name, "yes" if s.equal else "NO", str(s.count), s.what) for s in stages],
            right=("count",),
        )
        say("clean" if all(one.equal for one in stages) else "not clean")
    if not all(one.equal for one in stages):
        news("`web3rec verify --deep` names rows; a restart rebuilds what is kept in memory")
        ctx.exit(1)
