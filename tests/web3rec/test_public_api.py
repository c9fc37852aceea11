"""What apps may rely on: the names, that each says what it is, and what an import loads."""

import dataclasses
import inspect
from enum import Enum

import pytest

import web3rec
from tests.loading import loaded_by

PUBLIC = [
    "AlreadyOpen",
    "Audit",
    "Batch",
    "BudgetParams",
    "Closed",
    "CorruptStore",
    "DataError",
    "Event",
    "Incompatible",
    "Item",
    "ItemId",
    "KeyFileError",
    "Learnt",
    "Millis",
    "Mode",
    "Model",
    "Options",
    "OwnAct",
    "ParamError",
    "Params",
    "PassphraseError",
    "PeerId",
    "RankParams",
    "ReadOnly",
    "Receipt",
    "Recommendation",
    "Recommender",
    "RerankParams",
    "TrustParams",
    "Verdict",
    "Web3recError",
    "WindowParams",
    "Withheld",
    "Withholding",
]
NEVER_LOADED = {"trio", "libp2p", "onnxruntime", "torch", "kivy", "p2p", "mobile", "matplotlib"}


def test_the_public_names_are_pinned() -> None:
    """A name that goes breaks apps; one that comes is a promise. Change this list on purpose."""
    assert sorted(web3rec.__all__) == sorted(["__version__", *PUBLIC])
    assert dir(web3rec) == sorted(web3rec.__all__)


def test_every_public_name_is_there_and_says_what_it_is() -> None:
    for name in PUBLIC:
        thing = getattr(web3rec, name)
        if inspect.isclass(thing):
            assert inspect.getdoc(thing), name


def test_every_public_method_and_property_says_what_it_does() -> None:
    for name in PUBLIC:
        thing = getattr(web3rec, name)
        if not inspect.isclass(thing) or issubclass(thing, Enum | BaseException):
            continue
        for member, value in vars(thing).items():
            if member.startswith("_") or not (inspect.isfunction(value) or _is_property(value)):
                continue
            assert inspect.getdoc(value), f"{name}.{member}"


def _is_property(value: object) -> bool:
    return isinstance(value, property | staticmethod | classmethod)


@pytest.mark.parametrize(
    "name",
    [
        "add_items", "block", "close", "explain", "export", "forget", "forget_all", "import_",
        "learn", "open", "private", "recommend", "record", "record_many", "rotate", "share",
        "subscribe", "trust", "unwithhold", "withhold",
    ],
)  # fmt: skip
def test_the_recommender_has_what_was_promised_and_takes_no_bag_of_keywords(name: str) -> None:
    signature = inspect.signature(getattr(web3rec.Recommender, name))
    kinds = {parameter.kind for parameter in signature.parameters.values()}
    assert not kinds & {inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL}


@pytest.mark.parametrize(
    "name",
    [
        "Batch",
        "Item",
        "Learnt",
        "Model",
        "Options",
        "OwnAct",
        "Params",
        "Receipt",
        "Recommendation",
    ],
)
def test_values_are_frozen(name: str) -> None:
    value = getattr(web3rec, name)
    assert dataclasses.is_dataclass(value)
    assert vars(value)["__dataclass_params__"].frozen


def test_all_errors_are_web3rec_errors_and_wrong_values_also_value_errors() -> None:
    for name in PUBLIC:
        thing = getattr(web3rec, name)
        if inspect.isclass(thing) and issubclass(thing, Exception):
            assert issubclass(thing, web3rec.Web3recError)
    assert issubclass(web3rec.ParamError, ValueError)
    assert issubclass(web3rec.DataError, ValueError)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = web3rec.nothing


def test_the_version_is_that_of_the_distribution() -> None:
    from importlib.metadata import version  # noqa: PLC0415

    assert web3rec.__version__ == version("web3rec")


def test_importing_web3rec_loads_next_to_nothing() -> None:
    assert not loaded_by("import web3rec") & (NEVER_LOADED | {"numpy", "sqlite3", "sqlite_utils"})


@pytest.mark.slow
def test_using_it_loads_neither_network_nor_model_nor_app() -> None:
    code = (
        "import tempfile; from web3rec import *\n"
        "with Recommender.open(tempfile.mkdtemp()) as rec:\n"
        "    rec.add_items([Item('a'), Item('b')]); rec.record(Event.LIKE, 'a')\n"
        "    assert len(rec.recommend()) == 1; rec.forget_all()"
    )
    assert not loaded_by(code) & NEVER_LOADED
