"""The methods that are compared, by name. A method is imported when it is asked for."""

from collections.abc import Mapping
from importlib import import_module
from typing import Final

from web3rec.errors import ParamError
from web3rec.eval.methods.method import Method, Ranker, Settings

METHODS: Final[Mapping[str, str]] = {
    "popular": "neighbours:popular",
    "cosine": "neighbours:cosine",
    "rp3beta": "neighbours:rp3beta",
    "ease": "ease:ease",
    "als": "factors:als",
    "bpr": "factors:bpr",
    "open": "engine:open_salsa",
    "friends": "engine:friends_only",
    "trust-weighted": "engine:trust_weighted",
    "web3recommend": "web3recommend:web3recommend",
    "ours": "engine:ours",
    "fixed": "engine:fixed",
    "tuned": "engine:tuned",
    "ours+rerank": "reranked:reranked",
}
"""Name -> module of this package and function in it."""
BY_TRUST: Final = ("friends", "trust-weighted", "web3recommend")
"""Those that have nothing to go by where nobody trusts anybody."""
SLOW: Final = ("tuned", "ours+rerank")
"""Those that take tenths of a second for each person, or minutes to learn: only when asked for by
name."""


def method(name: str) -> Method:
    """The method of that name.

    Raises:
        ParamError: there is none.
        ModuleNotFoundError: it needs a package of the extra `eval` that is not installed.
    """
    if name not in METHODS:
        raise ParamError("method", name, f"one of {', '.join(METHODS)}")
    module, _, function = METHODS[name].partition(":")
    found: Method = getattr(import_module(f"{__name__}.{module}"), function)
    return found


__all__ = ["BY_TRUST", "METHODS", "SLOW", "Method", "Ranker", "Settings", "method"]
