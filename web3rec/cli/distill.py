"""`distill`: from a recipe to a signed model bundle, and what a bundle is worth."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from web3rec.cli import passphrase
from web3rec.cli.output import news, progress_bar, result, say, table
from web3rec.distill.recipe_toml import read_recipe
from web3rec.distill.stages import forgetting, reporting
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


@distill.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option(
    "--config", type=click.Path(path_type=Path), required=True, help="The recipe of that run."
)
@click.option("--person", "people", multiple=True, help="A person, as the data names them.")
@click.option("--item", "items", multiple=True, help="An item, by the id that devices use.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def forget(
    directory: Path,
    config: Path,
    people: tuple[str, ...],
    items: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Take people or items out of the run in DIRECTORY, and make the next bundle without them.

    They are passed over in the data from then on, in every later run too; the data itself is left
    as it is. What is printed holds a salt for each: with it, whoever asked can find their entry in
    the list that the bundle is committed to. It is kept nowhere.

    \b
    For instance:
      web3rec distill forget build/demo --config recipes/demo.toml --person 414
    """
    bench = Bench(read_recipe(config), Workshop(directory), progress_bar, news, passphrase.of_key())
    found = forgetting.forget(bench, people, items)
    if as_json:
        result(asdict(found))
        return
    say(
        f"forgotten: {found.entries:,} on the list, {found.judgements:,} judgements deleted; the "
        f"bundle is version {found.version} ({found.seconds:.1f} s)"
    )
    for entry, salt in found.proofs.items():
        say(f"entry {entry} salt {salt}")


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
