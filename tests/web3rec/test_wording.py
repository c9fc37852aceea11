"""Each kind of reason in words, and that it claims no more than is so."""

import pytest

from tests.web3rec.worlds import item, peer
from web3rec.rank.reasons import Contribution, Path
from web3rec.types import ItemKey, PeerId
from web3rec.wording import reason, short

ANN, BOB = peer(1), peer(2)
BY_ANN = Contribution(ANN, "friend", 0.5)
BY_POOL = Contribution(None, "pool", 0.5)
BY_ALL = Contribution(None, "everyone", 0.5)
BY_SELF = Contribution(None, "self", 0.5)


def name(who: PeerId) -> str:
    return {ANN: "Ann", BOB: "Bob"}[who]


def title(key: ItemKey) -> str:
    return {item(1): "Blue Train"}[key]


def through(user: PeerId, via: PeerId | None) -> Path:
    return Path(item(1), user, via)


@pytest.mark.parametrize(
    ("source", "by", "path", "line"),
    [
        (
            "taste",
            BY_ANN,
            through(ANN, ANN),
            "Ann, whom you trust, shares your taste in “Blue Train”",
        ),
        (
            "taste",
            BY_ANN,
            through(BOB, ANN),
            "someone Ann vouches for shares your taste in “Blue Train”",
        ),
        (
            "taste",
            BY_POOL,
            through(BOB, None),
            "someone your other friends vouch for shares your taste in “Blue Train”",
        ),
        (
            "taste",
            BY_ALL,
            through(BOB, None),
            "people nobody vouches for share your taste in “Blue Train”",
        ),
        ("taste", BY_ANN, None, "popular among people Ann vouches for"),
        ("popular", BY_ANN, through(BOB, ANN), "popular among people Ann vouches for"),
        ("popular", BY_POOL, None, "popular among people your other friends vouch for"),
        ("popular", BY_ALL, None, "popular among people you can reach"),
        ("catalogue", BY_SELF, None, "from your own catalogue: like what you chose before"),
    ],
)
def test_each_reason_says_what_is_so(
    source: str, by: Contribution, path: Path | None, line: str
) -> None:
    assert reason(source, (by,), path, title, name) == line


def test_a_friend_who_pays_less_than_the_pool_is_not_hidden_by_it() -> None:
    """The pool contributes most, but the path goes through Ann: she is named."""
    line = reason("taste", (BY_POOL, BY_ANN), through(BOB, ANN), title, name)
    assert line.startswith("someone Ann vouches for")


def test_a_short_key_tells_neighbours_apart() -> None:
    assert short(PeerId(bytes(32))) == "z6MkeT…vDnP"
    assert len({short(peer(n)) for n in range(500)}) == 500
