"""Reasons in words: one honest line for each recommendation."""

from collections.abc import Callable

from web3rec.rank.reasons import Contribution, Path
from web3rec.records import did_key
from web3rec.types import ItemKey, PeerId


def short(peer: PeerId) -> str:
    """A peer's key for people: enough to tell neighbours apart, too little to type.

    >>> short(PeerId(bytes(32)))
    'z6MkeT…vDnP'
    """
    text = did_key(peer).removeprefix("did:key:")
    return f"{text[:6]}…{text[-4:]}"


def reason(
    source: str,
    contributions: tuple[Contribution, ...],
    path: Path | None,
    title: Callable[[ItemKey], str],
    name: Callable[[PeerId], str],
) -> str:
    """One line that names only what really contributed.

    Args:
        source: which candidate source proposed the item.
        contributions: most first, as `rank.reasons.contributions` gives them.
        path: the strongest line of reasoning, if any.
        title: how an item of the ego's is called.
        name: how a peer is called.
    """
    if source == "catalogue":
        return "from your own catalogue: like what you chose before"
    if source == "words":
        return _for_words(contributions[0], name)
    if source == "popular" or path is None:
        return f"popular among {_crowd(contributions[0], name)}"
    return _sharing(contributions, path, title, name)


def _for_words(first: Contribution, name: Callable[[PeerId], str]) -> str:
    if first.role == "self":
        return "from your own catalogue: it fits your words"
    return f"for your words: liked among {_crowd(first, name)}"


def _sharing(
    contributions: tuple[Contribution, ...],
    path: Path,
    title: Callable[[ItemKey], str],
    name: Callable[[PeerId], str],
) -> str:
    shared = f"your taste in “{title(path.own)}”"
    if path.via == path.user:
        return f"{name(path.user)}, whom you trust, shares {shared}"
    if path.via is not None:
        return f"someone {name(path.via)} vouches for shares {shared}"
    if any(part.role == "pool" for part in contributions):
        return f"someone your other friends vouch for shares {shared}"
    return f"people nobody vouches for share {shared}"


def _crowd(first: Contribution, name: Callable[[PeerId], str]) -> str:
    if first.sponsor is not None:
        return f"people {name(first.sponsor)} vouches for"
    if first.role == "pool":
        return "people your other friends vouch for"
    return "people you can reach"
