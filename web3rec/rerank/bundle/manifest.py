"""manifest.json: what a publisher says of a model, in one legal spelling.

The bytes are canonical JSON (ASCII, keys sorted, no spaces), so that one manifest is one byte
string and no key is there twice. Unknown keys are refused: what this version does not understand it
does not run. Format 1 is of models that read columns only, format 2 of those that read item vectors
too, and a model has one of the two. Every field is described in docs/bundles.md.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, NoReturn, get_args

from web3rec.rerank.bundle.container import FILES, MAX_BYTES
from web3rec.rerank.bundle.items import MAX_WIDTH
from web3rec.rerank.bundle.refusal import Ground, Unfit
from web3rec.rerank.features import HISTORY

FORMATS: Final = (1, 2)
"""Of models that read columns only; of models that read item vectors too."""
MAX_CANDIDATES: Final = 1000
"""Candidates that a model is given at most at once."""
MAX_COLUMNS: Final = 64
"""Columns a model may read."""
MAX_LAYERS: Final = 16
MAX_GATES: Final = 16
LEAST_KEPT: Final = 0.99
"""Share of the full-precision NDCG that the quantised model must keep (X5)."""

Layer = Literal[
    "scale", "linear", "linear_i8", "relu", "layer_norm", "attend", "attend_i8", "keep", "skip"
]
"""What weights.npz may be made of; see `numpy_backend`."""
ATTENTION: Final[frozenset[Layer]] = frozenset({"attend", "attend_i8"})
"""Layers that read item vectors, history and all."""
Input = Literal["features", "items", "history", "newer"]
"""What a model may read; see docs/bundles.md."""
INPUTS: Final[tuple[Input, ...]] = get_args(Input)

_NAME: Final = re.compile("[a-z0-9][a-z0-9.-]{0,63}", re.ASCII)
_WORD: Final = re.compile("[a-z0-9_]{1,48}", re.ASCII)
_LINE: Final = re.compile("[ -~]{1,120}", re.ASCII)
_HEX: Final = re.compile("[0-9a-f]{64}", re.ASCII)
_FIRST_LAYERS: Final = frozenset({"scale", "linear", "linear_i8", "relu", "layer_norm"})
"""Those of format 1."""
_MORE: Final = ("training", "version")
_KEYS: Final = frozenset(
    ("basis", "columns", "files", "format", "gates", "layers", "licence", "name", "ndcg", *_MORE)
)
_READS: Final = frozenset({"history", "inputs", "width"})
"""Keys that only format 2 has."""


@dataclass(frozen=True, slots=True)
class FileOf:
    """A file of the bundle."""

    size: int
    """Bytes; 1 to 8 Mi."""
    sha256: bytes
    """32 bytes."""


@dataclass(frozen=True, slots=True)
class Column:
    """A number that the model reads for each candidate."""

    name: str
    """As in `web3rec.rerank.features.NAMES`."""
    unit: str
    """Of what; text for people."""


@dataclass(frozen=True, slots=True)
class Ndcg:
    """NDCG@10 on the publisher's validation set; each in [0, 1]."""

    graph: float
    """Of the graph's own order."""
    full: float
    """Of the model in float32."""
    quantised: float
    """Of the model that is in this bundle."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition that training asked for, and what it measured; any finite numbers."""

    name: str
    """Such as `distillation`."""
    held: bool
    """Whether what it guards was used."""
    low: float
    """Lower end of the interval measured."""
    high: float
    """Upper end."""


@dataclass(frozen=True, slots=True)
class Training:
    """What it was trained on, without saying it."""

    commitment: bytes
    """sha256 over the training data, as the recipe defines it; 32 bytes."""
    forgotten: bytes | None
    """sha256 over the sorted ids that were asked to be forgotten before; None: nobody asked."""


@dataclass(frozen=True, slots=True)
class Reads:
    """What a model reads beside columns; a manifest with it is of format 2."""

    inputs: tuple[Input, ...]
    """Some of INPUTS in their order: features, and items, history or both; newer only with
    history."""
    width: int
    """Numbers of an item vector; 1 to 1,024."""
    history: int
    """Own items it is given at most, the newest; 1 to 64, 0 if `inputs` has no history."""

    def __contains__(self, name: Input) -> bool:
        return name in self.inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A manifest that is legal; whether it is true the checks of `opening` say."""

    name: str
    """What the publisher calls the model: lower case, digits, dot, hyphen; 1 to 64."""
    version: int
    """Rises with every publication of that name; 1 to 2^53 - 1."""
    licence: str
    """SPDX expression, or a line of text; 1 to 120 characters."""
    columns: tuple[Column, ...]
    """What it reads, in order; 1 to 64, no name twice."""
    layers: tuple[Layer, ...]
    """What weights.npz holds, in order; () if it is not there."""
    files: Mapping[str, FileOf]
    """The files of the bundle by name."""
    basis: bytes | None
    """sha256 of the basis of the item vectors; None: it has none."""
    ndcg: Ndcg
    """How good it is."""
    gates: tuple[Gate, ...]
    """Decisions of the training; at most 16."""
    training: Training
    """Commitments."""
    reads: Reads | None = None
    """What it reads beside columns; None: nothing, which is format 1."""


def written(manifest: Manifest) -> bytes:
    """The one spelling of a manifest."""
    reads = manifest.reads
    more: dict[str, object] = (
        {"history": reads.history, "inputs": list(reads.inputs), "width": reads.width}
        if reads
        else {}
    )
    return _spelled(
        {
            **more,
            "basis": _hex_or_none(manifest.basis),
            "columns": [[column.name, column.unit] for column in manifest.columns],
            "files": {
                name: {"bytes": file.size, "sha256": file.sha256.hex()}
                for name, file in manifest.files.items()
            },
            "format": 2 if reads else 1,
            "gates": [[g.name, g.held, g.low, g.high] for g in manifest.gates],
            "layers": list(manifest.layers),
            "licence": manifest.licence,
            "name": manifest.name,
            "ndcg": {
                "full": manifest.ndcg.full,
                "graph": manifest.ndcg.graph,
                "quantised": manifest.ndcg.quantised,
            },
            "training": {
                "commitment": manifest.training.commitment.hex(),
                "forgotten": _hex_or_none(manifest.training.forgotten),
            },
            "version": manifest.version,
        }
    )


def read(data: bytes) -> Manifest:
    """The manifest that these bytes spell.

    Raises:
        Unfit: MANIFEST: another spelling, an unknown or missing key, a value outside its range.
    """
    try:
        said = json.loads(data.decode("ascii"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Unfit(Ground.MANIFEST, "the manifest is not JSON in ASCII") from None
    form = said.get("format") if isinstance(said, dict) else None
    if type(form) is int and form not in FORMATS:
        raise Unfit(Ground.MANIFEST, "a format other than 1 and 2: update web3rec to read it")
    root = _map(said, _KEYS | _READS if form == 2 else _KEYS, "the manifest")
    try:
        manifest = _manifest(root)
        same = written(manifest) == data
    except (ValueError, TypeError, OverflowError):
        raise Unfit(Ground.MANIFEST, "a number of the manifest cannot be spelled") from None
    if not same:
        raise Unfit(Ground.MANIFEST, "not the one spelling: keys sorted, no spaces, no key twice")
    return manifest


def _manifest(root: Mapping[str, object]) -> Manifest:
    columns = tuple(
        Column(_text(name, _WORD, "a column"), _text(unit, _LINE, "a unit"))
        for name, unit in _rows(root["columns"], 2, MAX_COLUMNS, "columns")
    )
    if not columns or len({column.name for column in columns}) != len(columns):
        raise Unfit(Ground.MANIFEST, f"want 1 to {MAX_COLUMNS} columns, no name twice")
    ndcg = _map(root["ndcg"], frozenset({"graph", "full", "quantised"}), "ndcg")
    training = _map(root["training"], frozenset({"commitment", "forgotten"}), "training")
    files = _files(root["files"])
    layers = _layers(root["layers"])
    reads = _reads(root) if root["format"] == 2 else None
    if reads is None and set(layers) - _FIRST_LAYERS:
        raise Unfit(Ground.MANIFEST, "a layer that only format 2 has")
    if reads is not None and "items.i8" not in files:
        raise Unfit(Ground.MANIFEST, "a model that reads item vectors, and no items.i8")
    if reads is not None and set(layers) & ATTENTION and reads.inputs != INPUTS:
        raise Unfit(Ground.MANIFEST, f"attention reads {', '.join(INPUTS)}")
    if ("weights.npz" in files) != bool(layers):
        raise Unfit(Ground.MANIFEST, "layers are listed if and only if there is a weights.npz")
    basis = _hash_or_none(root["basis"], "basis")
    if ("items.i8" in files) != (basis is not None):
        raise Unfit(Ground.MANIFEST, "a basis is named if and only if there is an items.i8")
    return Manifest(
        name=_text(root["name"], _NAME, "name"),
        version=_whole(root["version"], 1, 2**53 - 1, "version"),
        licence=_text(root["licence"], _LINE, "licence"),
        columns=columns,
        layers=layers,
        files=files,
        basis=basis,
        ndcg=Ndcg(
            _unit(ndcg["graph"], "ndcg"),
            _unit(ndcg["full"], "ndcg"),
            _unit(ndcg["quantised"], "ndcg"),
        ),
        gates=tuple(
            Gate(_text(name, _WORD, "a gate"), _flag(held), _number(low), _number(high))
            for name, held, low, high in _rows(root["gates"], 4, MAX_GATES, "gates")
        ),
        training=Training(
            _hash(training["commitment"], "commitment"),
            _hash_or_none(training["forgotten"], "forgotten"),
        ),
        reads=reads,
    )


def _reads(root: Mapping[str, object]) -> Reads:
    said = root["inputs"]
    names = tuple(name for name in INPUTS if isinstance(said, list) and name in said)
    with_history = "history" in names
    if said != list(names) or names[:1] != INPUTS[:1] or len(names) < 2:
        raise Unfit(Ground.MANIFEST, f"inputs are features and some of {', '.join(INPUTS[1:])}")
    if "newer" in names and not with_history:
        raise Unfit(Ground.MANIFEST, "how old a history is, and no history")
    least, most = (1, HISTORY) if with_history else (0, 0)
    return Reads(
        names,
        _whole(root["width"], 1, MAX_WIDTH, "width"),
        _whole(root["history"], least, most, "history"),
    )


def _files(said: object) -> dict[str, FileOf]:
    if not isinstance(said, dict) or set(said) - set(FILES):
        raise Unfit(Ground.MANIFEST, f"files must be of {', '.join(FILES)}")
    if not {"model.onnx", "weights.npz"} & set(said):
        raise Unfit(Ground.MANIFEST, "neither model.onnx nor weights.npz is there")
    held = {}
    for name, entry in said.items():
        found = _map(entry, frozenset({"bytes", "sha256"}), "a file")
        size = _whole(found["bytes"], 1, MAX_BYTES, "bytes")
        held[str(name)] = FileOf(size, _hash(found["sha256"], "sha256"))
    return held


def _layers(said: object) -> tuple[Layer, ...]:
    known = get_args(Layer)
    if not isinstance(said, list) or len(said) > MAX_LAYERS:
        raise Unfit(Ground.MANIFEST, f"layers must be a list of at most {MAX_LAYERS}")
    if not all(isinstance(kind, str) and kind in known for kind in said):
        raise Unfit(Ground.MANIFEST, f"layers are {', '.join(known)}")
    return tuple(said)


def _map(said: object, keys: frozenset[str], what: str) -> dict[str, object]:
    if not isinstance(said, dict) or set(said) != keys:
        raise Unfit(Ground.MANIFEST, f"{what} must have exactly {', '.join(sorted(keys))}")
    return said


def _rows(said: object, width: int, most: int, what: str) -> list[list[object]]:
    if not isinstance(said, list) or len(said) > most:
        raise Unfit(Ground.MANIFEST, f"{what} must be a list of at most {most}")
    if not all(isinstance(row, list) and len(row) == width for row in said):
        raise Unfit(Ground.MANIFEST, f"each of {what} must be a list of {width}")
    return said


def _text(said: object, shape: re.Pattern[str], what: str) -> str:
    if not isinstance(said, str) or not shape.fullmatch(said):
        raise Unfit(Ground.MANIFEST, f"{what} must be text like {shape.pattern}")
    return said


def _whole(said: object, least: int, most: int, what: str) -> int:
    if type(said) is not int or not least <= said <= most:
        raise Unfit(Ground.MANIFEST, f"{what} must be a whole number from {least} to {most}")
    return said


def _number(said: object) -> float:
    if type(said) not in (int, float) or not math.isfinite(said):  # type: ignore[arg-type]
        raise Unfit(Ground.MANIFEST, "an interval has an end that is no finite number")
    return float(said)  # type: ignore[arg-type]


def _unit(said: object, what: str) -> float:
    number = _number(said)
    if not 0 <= number <= 1:
        raise Unfit(Ground.MANIFEST, f"{what} must be in [0, 1]")
    return number


def _flag(said: object) -> bool:
    if not isinstance(said, bool):
        raise Unfit(Ground.MANIFEST, "a gate says true or false")
    return said


def _hash(said: object, what: str) -> bytes:
    return bytes.fromhex(_text(said, _HEX, what))


def _hash_or_none(said: object, what: str) -> bytes | None:
    return None if said is None else _hash(said, what)


def _hex_or_none(said: bytes | None) -> str | None:
    return None if said is None else said.hex()


def _spelled(said: Mapping[str, object]) -> bytes:
    return json.dumps(
        said, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode("ascii")


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")
