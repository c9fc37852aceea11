"""A recipe: everything that decides which bundle comes out of which data, as one value.

Two runs of one recipe on the same files give the same bytes, the publisher's key being the same.
How it is spelled in TOML: `web3rec.distill.recipe_toml`, docs/distillation.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from web3rec.distill.shards import ShardsPart
from web3rec.errors import ParamError

FORMATS: Final = ("movielens", "hetrec", "split", "pairs", "parts")
VECTORS: Final = ("none", "svd", "propagation", "texts")
TEACHERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "files": ("path", "prefix"),
        "profiles": ("path", "keys", "prefix"),
        "simulated": ("path", "people", "items", "prefix"),
        "ensemble": ("methods", "folds"),
        "sequences": ("models", "folds"),
        "texts": ("texts", "keys", "prefix"),
        "encoder": ("path", "texts", "keys", "prefix"),
        "endpoint": ("url", "model", "key_env", "shuffles", "group", "history", "at_once"),
        "local": ("path", "shuffles", "group", "history"),
    }
)
"""Kind -> what may be said of it besides `name`, `kind` and `silence`."""
STUDENTS: Final = ("linear", "hybrid")
MOST_TEACHERS: Final = 7
"""Two gates each, one for all and one of quantising: a manifest has room for 16."""
SILENCES: Final = ("below", "between")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPart:
    """[data]: what is learnt from."""

    format: str
    """One of FORMATS; `parts` is two tables `user item [weight [time]]`, train and test."""
    path: str = ""
    """The folder, zip or file; not with parts."""
    train: str = ""
    """With parts: what everybody is known to have."""
    test: str = ""
    """With parts: what is to be found."""
    catalogue: str = ""
    """Where titles come from, if not from `path`: a folder or zip."""
    catalogue_format: str = "movielens"
    """movielens or hetrec."""
    prefix: str = ""
    """Put before the ids of items, so that they are those that devices use."""
    times: bool = True
    """Whether times count; false where what is hidden is not what came last."""

    def __post_init__(self) -> None:
        _one_of("data.format", self.format, FORMATS)
        _one_of("data.catalogue_format", self.catalogue_format, ("movielens", "hetrec"))
        parts = self.format == "parts"
        if parts != bool(self.train and self.test) or parts == bool(self.path):
            wanted = "train and test with format parts, else path"
            raise ParamError("data", self.path or self.train or "neither", wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitPart:
    """[split]: what is hidden of everybody, and whose answers are kept from the student."""

    hidden: float = 0.2
    """Share of everybody's items that is hidden, the latest where times count; in (0, 1). Not
    used where the data set says itself what is hidden (split, parts)."""
    valid: float = 0.25
    """Share of people on whom everything is chosen and gated; in (0, 1)."""
    test: float = 0.25
    """Share of people who are looked at once, at the end; in (0, 1)."""

    def __post_init__(self) -> None:
        for name in ("hidden", "valid", "test"):
            if not 0 < getattr(self, name) < 1:
                raise ParamError(f"split.{name}", getattr(self, name), "in (0, 1)")
        if not self.valid + self.test < 1:
            raise ParamError("split.valid", self.valid, "less than what split.test leaves")


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonsPart:
    """[lessons]: the lists."""

    candidates: int = 200
    """Of each list at most; 2 to 1,000."""
    people: int = 3_000
    """Who are drawn where there are more; >= 40."""
    tuned: bool = True
    """Whether the graph's numbers are chosen on its window first, as devices do."""

    def __post_init__(self) -> None:
        _whole("lessons.candidates", self.candidates, 2, 1_000)
        _whole("lessons.people", self.people, 40, 1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorsPart:
    """[vectors]: what the bundle says of items."""

    kind: str = "none"
    """One of VECTORS: svd takes seconds, propagation (`web3rec.embeddings`) tens of seconds, and is
    the better one; texts is what is written about items, mapped into what people like (SciPy). None
    sees anybody's hidden items."""
    dimension: int = 64
    """Numbers of a vector; 2 to 256."""
    epochs: int = 25
    """Propagation: rounds over all people; 1 to 1,000."""
    text: int = 0
    """Numbers of the vector that come of what is written about an item; 0 to 128. They stand after
    those of who has it."""
    texts: str = ""
    """A JSON object of paragraphs by key, such as a language model wrote; without it what items
    are called."""
    keys: str = ""
    """Beside texts: lines `id key`."""
    prefix: str = ""
    """Put before the ids of items in those files."""

    def __post_init__(self) -> None:
        _one_of("vectors.kind", self.kind, VECTORS)
        _whole("vectors.dimension", self.dimension, 2, 256)
        _whole("vectors.epochs", self.epochs, 1, 1_000)
        _whole("vectors.text", self.text, 0, 128)
        if bool(self.texts) != bool(self.keys):
            raise ParamError("vectors.keys", self.keys, "given beside texts, and only there")


@dataclass(frozen=True, slots=True, kw_only=True)
class TeacherPart:
    """[[teachers]]: one who may teach, if the gate lets it."""

    name: str
    """Lower case, digits, underscore; 1 to 40. Gates of the manifest are called after it."""
    kind: str
    """One of TEACHERS."""
    silence: str = ""
    """What no opinion means: `below` (not worth naming; usual for files) or `between` (unknown)."""
    path: str = ""
    """Files, profiles, simulated: the file. Local, encoder: the model's folder."""
    texts: str = ""
    """Texts, encoder: a JSON object of paragraphs by key; without it what items are called."""
    keys: str = ""
    """Profiles, and texts of that kind: lines `id key`."""
    people: str = ""
    """Simulated: a JSON object of numbers by name."""
    items: str = ""
    """Simulated: the same of items."""
    prefix: str = ""
    """Put before the ids of items in its files."""
    methods: Mapping[str, float] = field(
        default_factory=lambda: {"ease": 1.0, "cosine": 1.0, "rp3beta": 1.0}
    )
    """Ensemble: method -> weight."""
    models: int = 3
    """Sequences: how many, averaged; 1 to 10."""
    folds: int = 3
    """Ensemble, sequences: that people are dealt into; 2 to 20."""
    url: str = ""
    """Endpoint: such as http://127.0.0.1:8080/v1"""
    model: str = ""
    """Endpoint: what it calls the model."""
    key_env: str = ""
    """Endpoint: the environment variable that holds its key, if it wants one."""
    shuffles: int = 3
    """Endpoint, local: how often a list is shown, in another order each time; 1 to 20."""
    group: int = 20
    """Endpoint, local: candidates shown at once; 2 to 20."""
    history: int = 20
    """Endpoint, local: newest items of the history shown; 1 to 200."""
    at_once: int = 4
    """Endpoint: requests under way at a time; 1 to 64."""

    def __post_init__(self) -> None:
        if not (self.name.isascii() and self.name.replace("_", "a").isalnum()) or (
            self.name != self.name.lower() or len(self.name) > 40
        ):
            wanted = "1 to 40 of a-z, 0-9 and _"
            raise ParamError("teachers.name", self.name, wanted)
        _one_of("teachers.kind", self.kind, tuple(TEACHERS))
        if self.silence:
            _one_of("teachers.silence", self.silence, SILENCES)
        for need, kinds in (
            ("path", ("files", "profiles", "simulated", "local", "encoder")),
            ("keys", ("profiles",)),
            ("people", ("simulated",)),
            ("items", ("simulated",)),
            ("url", ("endpoint",)),
            ("model", ("endpoint",)),
        ):
            if self.kind in kinds and not getattr(self, need):
                raise ParamError(f"teachers.{need}", "", f"given for a teacher of kind {self.kind}")
        if self.texts and not self.keys:
            raise ParamError("teachers.keys", "", "given beside texts")
        _whole("teachers.folds", self.folds, 2, 20)
        _whole("teachers.models", self.models, 1, 10)
        _whole("teachers.shuffles", self.shuffles, 1, 20)
        _whole("teachers.group", self.group, 2, 20)
        _whole("teachers.history", self.history, 1, 200)
        _whole("teachers.at_once", self.at_once, 1, 64)
        if not self.methods or not all(0 < w < float("inf") for w in self.methods.values()):
            raise ParamError("teachers.methods", dict(self.methods), "methods with weights > 0")

    @property
    def below(self) -> bool:
        """Whether no opinion is a low one."""
        return (self.silence or ("below" if self.kind == "files" else "between")) == "below"


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentPart:
    """[student]: what is trained."""

    kind: str = "linear"
    """One of STUDENTS; all but linear need torch."""
    l2: float = 3.0
    """Linear: pull towards the graph's order, in lists; > 0."""
    attention: int = 16
    """Hybrid: numbers in which candidates look for what they resemble (h); 1 to 64."""
    blend: int = 16
    """Hybrid: mixed numbers of candidate and history (p); 0 to 64."""
    hidden: int = 64
    """Hybrid: width of the hidden layer (e); 1 to 256."""
    epochs: int = 60
    """Hybrid: rounds over the lessons at most; 1 to 1,000. The best on validation is kept."""
    patience: int = 10
    """Hybrid: rounds without a better one after which it ends; 1 to 1,000."""
    rate: float = 2e-3
    """Hybrid: AdamW's step; > 0."""
    decay: float = 1e-2
    """Hybrid: weight decay; >= 0."""
    dropout: float = 0.2
    """Hybrid: of the hidden layer; in [0, 1)."""

    def __post_init__(self) -> None:
        _one_of("student.kind", self.kind, STUDENTS)
        _whole("student.attention", self.attention, 1, 64)
        _whole("student.blend", self.blend, 0, 64)
        _whole("student.hidden", self.hidden, 1, 256)
        _whole("student.epochs", self.epochs, 1, 1_000)
        _whole("student.patience", self.patience, 1, 1_000)
        _above("student.l2", self.l2)
        _above("student.rate", self.rate)
        _least("student.decay", self.decay)
        if not 0 <= self.dropout < 1:
            raise ParamError("student.dropout", self.dropout, "in [0, 1)")


@dataclass(frozen=True, slots=True, kw_only=True)
class LossesPart:
    """[losses]: how teachers' words count beside what people did."""

    distill: float = 1.0
    """Weight of the teachers' loss, that of the hits being 1; >= 0."""
    spread: float = 2.0
    """Deviation, within a list, that teachers' words are brought to before they are taken for
    logits; > 0. Larger: only their first few count."""
    top: int = 100
    """Best candidates by the teachers that are taught; 2 to 1,000."""

    def __post_init__(self) -> None:
        _least("losses.distill", self.distill)
        _above("losses.spread", self.spread)
        _whole("losses.top", self.top, 2, 1_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationPart:
    """[calibration]: how much each person's lesson counts, against poisoned data."""

    on: bool = True
    """False: all alike."""
    flagged: float = 0.25
    """Share of people who count for less than one half; in [0, 1/3]."""

    def __post_init__(self) -> None:
        if not 0 <= self.flagged <= 1 / 3:
            raise ParamError("calibration.flagged", self.flagged, "in [0, 1/3]")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantizePart:
    """[quantize]: eight bits a weight, or not."""

    on: bool = True
    """False: the bundle holds float32. A linear student has nothing to quantise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatesPart:
    """[gates]: what has to be shown before something is used."""

    distilled: str = "surely"
    """The student that was taught replaces the one that was not, if it is `surely` better on
    validation (its interval lies above 0), or better `on-average`."""
    ablate: bool = True
    """Whether a student is taught by each teacher by itself, for the report; costs a training
    each."""

    def __post_init__(self) -> None:
        _one_of("gates.distilled", self.distilled, ("surely", "on-average"))


@dataclass(frozen=True, slots=True, kw_only=True)
class BundlePart:
    """[bundle]: what the publisher says."""

    name: str
    """Lower case, digits, dot, hyphen; 1 to 64."""
    version: int = 1
    """Rises with every publication of that name; >= 1."""
    licence: str = "Apache-2.0"
    """SPDX expression or a line of text; 1 to 120 characters. Data sets have terms of their own."""
    key: str = ""
    """The publisher's key file; without it one is made in the output directory."""
    items: int = 20_000
    """Item vectors in the bundle at most, of the items that most people have; 1 to 100,000."""

    def __post_init__(self) -> None:
        _whole("bundle.version", self.version, 1, 2**53 - 1)
        _whole("bundle.items", self.items, 1, 100_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All parts."""

    data: DataPart
    bundle: BundlePart
    seed: int = 0
    """Of all chance; >= 0."""
    split: SplitPart = field(default_factory=SplitPart)
    lessons: LessonsPart = field(default_factory=LessonsPart)
    shards: ShardsPart = field(default_factory=ShardsPart)
    vectors: VectorsPart = field(default_factory=VectorsPart)
    teachers: tuple[TeacherPart, ...] = ()
    """At most MOST_TEACHERS, no name twice."""
    student: StudentPart = field(default_factory=StudentPart)
    losses: LossesPart = field(default_factory=LossesPart)
    calibration: CalibrationPart = field(default_factory=CalibrationPart)
    quantize: QuantizePart = field(default_factory=QuantizePart)
    gates: GatesPart = field(default_factory=GatesPart)

    def __post_init__(self) -> None:
        _whole("seed", self.seed, 0, 2**53)
        names = [teacher.name for teacher in self.teachers]
        if len(set(names)) != len(names) or len(names) > MOST_TEACHERS:
            raise ParamError("teachers", names, f"at most {MOST_TEACHERS}, no name twice")
        if self.student.kind == "hybrid" and self.vectors.kind == "none":
            raise ParamError("vectors.kind", "none", "another one: this recipe reads item vectors")
        if self.shards.count > 1:
            self.shards.alone(self.student.kind, self.vectors.kind, names)


def _one_of(name: str, got: str, allowed: tuple[str, ...]) -> None:
    if got not in allowed:
        raise ParamError(name, got, f"one of {', '.join(allowed)}")


def _whole(name: str, got: object, least: int, most: int) -> None:
    if type(got) is not int or not least <= got <= most:
        raise ParamError(name, got, f"a whole number from {least:,} to {most:,}")


def _above(name: str, got: float) -> None:
    if not 0 < got < float("inf"):
        raise ParamError(name, got, "> 0")


def _least(name: str, got: float) -> None:
    if not 0 <= got < float("inf"):
        raise ParamError(name, got, ">= 0")
