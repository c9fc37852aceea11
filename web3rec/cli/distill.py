"""`distill`: from a recipe to a signed model bundle, and what a bundle is worth."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from web3rec.cli import passphrase
from web3rec.cli.output import news, progress_bar, result, say, table
from web3rec.distill.recipe_toml import read_recipe
from web3rec.distill.stages import reporting
from web3rec.distill.stages.kitchen import Bench, Stage
from web3rec.distill.stages.running import EVERYTHING, STEPS, cooked
from web3rec.distill.stages.verifying import Check, summary, verified
from web3rec.distill.stages.workshop import Workshop
from web3rec.records import parse_peer


@click.group("distill")
def distill() -> None:
    """Train a reranking model from teachers, and sign it as a bundle.

    For desktops, with the extra [distill]; a linear student needs no torch. Stages that were done
    with the same ingredients are not done again. docs/distillation.md explains recipes and gates.

    \b
    For instance:
      web3rec distill run --config recipes/demo.toml --out build/demo
      web3rec distill verify build/demo --json
    """


def _worked(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command that works on a recipe."""
    path = click.Path(path_type=Path)
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON lines."),
        click.option("--out", type=path, required=True, help="The directory that is worked in."),
        click.option("--config", type=path, required=True, help="The recipe, a TOML file."),
    ):
        command = option(command)
    return command


@distill.command("run")
@_worked
def run_(config: Path, out: Path, *, as_json: bool) -> None:
    """Do everything a recipe says: label, train, export, quantize, bundle, and a report.

    \b
    For instance:
      web3rec distill run --config recipes/hetrec.toml --out build/hetrec
    """
    bench = _done(EVERYTHING, config, out, as_json=as_json)
    _show(bench.workshop, as_json=as_json)


@distill.command()
@_worked
def label(config: Path, out: Path, *, as_json: bool) -> None:
    """Make the lessons and item vectors, and ask the teachers about them.

    What a teacher said is kept; an interrupted labelling goes on where it stopped.

    \b
    For instance:
      web3rec distill label --config recipes/demo.toml --out build/demo
    """
    _done(STEPS["label"], config, out, as_json=as_json)


@distill.command()
@_worked
def train(config: Path, out: Path, *, as_json: bool) -> None:
    """Train the student, with the teachers that the gate lets teach.

    \b
    For instance:
      web3rec distill train --config recipes/demo.toml --out build/demo
    """
    _done(STEPS["train"], config, out, as_json=as_json)


@distill.command()
@_worked
def export(config: Path, out: Path, *, as_json: bool) -> None:
    """Write the student as weights.npz and model.onnx, in float32.

    \b
    For instance:
      web3rec distill export --config recipes/demo.toml --out build/demo
    """
    _done(STEPS["export"], config, out, as_json=as_json)


@distill.command()
@_worked
def quantize(config: Path, out: Path, *, as_json: bool) -> None:
    """Write it in whole numbers, and measure what that costs on validation people.

    \b
    For instance:
      web3rec distill quantize --config recipes/demo.toml --out build/demo
    """
    _done(STEPS["quantize"], config, out, as_json=as_json)


@distill.command()
@_worked
def bundle(config: Path, out: Path, *, as_json: bool) -> None:
    """Write the report, and sign manifest, model and item vectors as one file.

    \b
    For instance:
      web3rec distill bundle --config recipes/demo.toml --out build/demo
    """
    bench = _done(STEPS["bundle"], config, out, as_json=as_json)
    _show(bench.workshop, as_json=as_json)


@distill.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--publisher", help="Whom to pin; by default whom the directory names.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines, one a check.")
@click.pass_context
def verify(
    context: click.Context, directory: Path, publisher: str | None, *, as_json: bool
) -> None:
    """Open DIRECTORY's bundle as a device would, and find again what it claims.

    Exit code 1 if anything is wrong.

    \b
    For instance:
      web3rec distill verify build/demo --json
    """
    checks: list[Check] = []
    pinned = None if publisher is None else parse_peer(publisher)
    for check in verified(Workshop(directory), pinned):
        checks.append(check)
        if as_json:
            result(check.line())
        else:
            mark = {True: "ok", False: "WRONG", None: "not checked"}[check.ok]
            say(f"{mark}: {check.name}: {check.said}")
    found = summary(checks)
    if as_json:
        result(found)
    if not found["ok"]:
        context.exit(1)


def _done(stages: tuple[Stage, ...], config: Path, out: Path, *, as_json: bool) -> Bench:
    bench = Bench(read_recipe(config), Workshop(out), progress_bar, news, passphrase.of_key())
    for name, seconds in cooked(stages, bench):
        if as_json:
            result({"stage": name, "done_before": seconds is None})
    return bench


def _show(workshop: Workshop, *, as_json: bool) -> None:
    report = reporting.read(workshop)
    sealed = reporting.sealed(workshop)
    if as_json:
        result({"bundle": sealed, "quantized": report["quantized"]["ndcg"]})
        return
    head, rows = reporting.rows(report)
    table(head, rows, right=("NDCG@10",))
    for line in reporting.decisions(report):
        say(line)
    say(
        f"{sealed['name']} {sealed['version']}: {sealed['bytes']:,} bytes, sha256 "
        f"{sealed['sha256'][:16]}, publisher {sealed['publisher']}"
    )
