"""`web3rec sim`; joined to the command line by an entry point."""

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from p2p.sim.report import Received, Report


@click.command()
@click.argument("scenario", required=False)
@click.option("--seed", type=int, default=1, show_default=True, help="Decides all that is chance.")
@click.option("--list", "listing", is_flag=True, help="Name the scenarios that come with it.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@click.option("--plot", type=click.Path(path_type=Path, dir_okay=False), help="Draw it as a PNG.")
@click.option("--trace", type=click.Path(path_type=Path, dir_okay=False), help="Write all events.")
@click.option("--real", is_flag=True, help="Every device checks every signature itself; slow.")
@click.option(
    "--router", type=click.Choice(["ours", "library", "spec"]), help="Another gossip router."
)
def sim(
    scenario: str | None,
    seed: int,
    plot: Path | None,
    trace: Path | None,
    router: str | None,
    *,
    listing: bool,
    as_json: bool,
    real: bool,
) -> None:
    """Simulate a network of many devices, and what strangers do to it.

    SCENARIO is a name of --list or a TOML file. Everything happens in virtual time and follows
    from the seed: the trace hash that is printed is the same each time. Exit code 1 if a rule was
    broken or the scenario's goal was missed.

    \b
    For instance:
      web3rec sim --list
      web3rec sim eclipse --seed 7 --plot eclipse.png
    """
    from p2p.errors import NodeError  # noqa: PLC0415 - NumPy and trio: only here
    from p2p.sim.plot import plot as draw  # noqa: PLC0415
    from p2p.sim.plot import require  # noqa: PLC0415
    from p2p.sim.report import report_of  # noqa: PLC0415
    from p2p.sim.scenario import named, read, routed  # noqa: PLC0415
    from p2p.sim.world import play  # noqa: PLC0415

    if listing:
        for name in named():
            click.echo(f"{name:<16} {read(name).about}")
        return
    if scenario is None:
        raise NodeError("say which scenario: a name of `web3rec sim --list`, or a TOML file")
    if plot is not None:
        require()
    wanted = read(scenario)
    if router is not None:
        wanted = routed(wanted, router)
    began = time.process_time()
    if trace is not None:
        with trace.open("w", encoding="utf-8") as copy:
            played = play(wanted, seed, real=real, copy=copy)
            report = report_of(played)
    else:
        report = report_of(play(wanted, seed, real=real))
    spent = time.process_time() - began
    if as_json:
        click.echo(json.dumps(report.as_dict() | {"cpu_seconds": round(spent, 1)}))
    else:
        _tell(report, wanted.goal.beats, spent)
    if plot is not None:
        draw(report, wanted, plot)
        click.echo(f"drawn: {plot}", err=True)
    if not report.passed:
        sys.exit(1)


def _tell(r: "Report", beats: float, spent: float) -> None:
    lines = [
        f"{r.scenario}, seed {r.seed}, {r.seconds:.0f} s: {r.devices} devices",
        f"strangers {r.sybils} ({r.behaviour}) · {r.ratio:.1f} of their links per honest one",
        f"delivery  {100 * r.delivery:.3f} % of {r.pairs} within {beats:g} heartbeats",
        f"          {100 * r.eventual:.3f} % in the end · {r.records} records",
        f"latency   p50 {r.p50:.2f} s · p99 {r.p99:.2f} s · worst {r.worst:.2f} s",
        f"bytes     {r.honest_bytes / 1e6:.1f} MB by devices · {r.sybil_bytes / 1e6:.1f} by Sybils",
        f"calls     {r.rpcs} RPCs, {r.lost} lost, {r.overrun} overrun · {r.syncs} syncs",
        *(_line("victim   ", one) for one in r.victims),
        *(_line("worst off", one) for one in r.worst_off[:3] if not r.victims),
    ]
    if r.converged == r.converged:  # not nan
        lines.append(f"converged {r.converged:.0f} s after the faults stopped")
    lines += [f"BROKEN    {one}" for one in r.violations]
    if r.violated > len(r.violations):
        lines.append(f"BROKEN    {r.violated - len(r.violations)} more")
    lines.append(f"trace     {r.trace} ({r.events} events, {spent:.0f} s CPU)")
    lines.append("passed" if r.passed else "FAILED: replay it with the same seed")
    click.echo("\n".join(lines))


def _line(what: str, one: "Received") -> str:
    return (
        f"{what} {one.device}: {100 * one.in_time:.2f} % of {one.expected} in time, "
        f"{100 * one.by_now:.2f} % in the end, p99 {one.p99:.2f} s; "
        f"heard {100 * one.heard:.2f} %"
    )
