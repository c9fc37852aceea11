"""Stage `report`: what was done and what came of it, as JSON, as a picture and as a table."""

import json
from dataclasses import asdict
from typing import Any, Final

from web3rec import __version__
from web3rec.distill.recipe import Recipe
from web3rec.distill.stages import label, train, vectors
from web3rec.distill.stages.kitchen import Bench, Stage
from web3rec.distill.stages.label import SAID
from web3rec.distill.stages.packing import MEASURED, SEALED, measured_of
from web3rec.distill.stages.train import STORY
from web3rec.distill.stages.workshop import Workshop, json_bytes

REPORT: Final = "report.json"
PLOT: Final = "report.png"


def _report(bench: Bench) -> dict[str, bytes]:
    found = gathered(bench.workshop, bench.recipe)
    files = {REPORT: json_bytes(found)}
    try:
        from web3rec.distill.stages.plot import drawn  # noqa: PLC0415 - matplotlib, an extra
    except ModuleNotFoundError:
        bench.news("no picture: pip install 'web3rec[distill]' brings matplotlib")
        return files
    return files | {PLOT: drawn(found)}


def gathered(workshop: Workshop, recipe: Recipe) -> dict[str, Any]:
    """Everything that is known, as plain values."""
    story = train.story(workshop)
    return {
        "web3rec": __version__,
        "recipe": json.loads(json.dumps(asdict(recipe))),
        "teachers": label.opinions(workshop),
        "vectors": vectors.said(workshop),
        "training": story,
        "quantized": measured_of(workshop),
    }


def _everything(recipe: Recipe) -> dict[str, object]:
    return asdict(recipe)


def read(workshop: Workshop) -> dict[str, Any]:
    """The report. Raises DataError: there is none."""
    found: dict[str, Any] = json.loads(workshop.read(REPORT))
    return found


def sealed(workshop: Workshop) -> dict[str, Any]:
    """Name, version, size, hash and publisher of the bundle. Raises DataError: there is none."""
    found: dict[str, Any] = json.loads(workshop.read(SEALED))
    return found


def rows(report: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """The table: models on validation and on test, with the gain over the graph."""
    head = ["people", "model", "NDCG@10", "over the graph", "over untaught"]
    found = [
        [
            f"{line['part']} {line['people']:,}",
            line["model"],
            f"{line['ndcg@10']:.4f}",
            gain(line["over graph"]),
            gain(line["over untaught"]),
        ]
        for line in report["training"]["figures"]
    ]
    for name, value in report["quantized"]["ndcg"].items():
        if name != "graph":
            shipped = "as it ships" if name == "quantised" else "in float32"
            found.append(["valid", f"the bundle's model, {shipped}", f"{value:.4f}", "", ""])
    return head, found


def gain(ends: list[float]) -> str:
    """A paired difference with its interval."""
    low, mean, high = ends
    return f"{mean:+.4f} [{low:+.4f}, {high:+.4f}]"


def decisions(report: dict[str, Any]) -> list[str]:
    """Each gate in words."""
    training = report["training"]
    found = [
        f"{name}, {how}: {heard[how]['reason']}"
        for name, heard in training["auditions"].items()
        for how in ("alone", "beside")
    ]
    if training["weights"]:
        voices = ", ".join(f"{name} {weight:g}" for name, weight in training["weights"].items())
        found.append(f"what was taught: the student's own order and {voices}")
    if training["distillation"] is not None:
        used = "is used" if training["taught"] else "is not used"
        found.append(f"the student that was taught {used}: {training['distillation']['reason']}")
    if report["quantized"]["eight_bit"] is not None:
        gate = report["quantized"]["eight_bit"]
        used = "it ships so" if gate["held"] else "it ships in float32"
        found.append(f"in whole numbers: {gain(gate['gain'])}; {used}")
    return found


REPORTING: Final = Stage("report", 1, (STORY, SAID, vectors.SAID, MEASURED), _everything, _report)
