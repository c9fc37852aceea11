"""What orders lists, in what it runs, and what this app is."""

from mobile.presenting.phrases import sentence
from mobile.viewmodel import Fact
from web3rec import __version__
from web3rec.batch import Batch, Learnt, Model
from web3rec.recommender import Recommender
from web3rec.wording import short


def model_of(batch: Batch) -> tuple[str, str]:
    """What ordered a list, and its publisher, or why no model was used."""
    return _named(batch.model), _detail(batch.model, batch.model_note)


def learnt(found: Learnt) -> str:
    """What came of learning, as a notice."""
    if found.model is None:
        why = f": {found.note}" if found.note else ""
        return sentence(f"The graph's own order stays{why}")
    return f"Lists are ordered by {_named(found.model)} now, judged on {found.lists} lists."


def facts(rec: Recommender) -> tuple[Fact, ...]:
    """About this app."""
    return (
        Fact("Version", __version__),
        Fact("Store", str(rec.path)),
        Fact("Key", short(rec.me)),
    )


def _named(model: Model | None) -> str:
    if model is None:
        return "the graph's own order"
    return "what this device learnt" if model.publisher is None else f"the model {model}"


def _detail(model: Model | None, note: str) -> str:
    if model is not None and model.publisher is not None:
        return f"Published by {short(model.publisher)}."
    return sentence(note) if note else "No model is installed." if model is None else ""
