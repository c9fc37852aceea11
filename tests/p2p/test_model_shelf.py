"""The shelf as the network sees it: what is offered, what is worth fetching, what comes of it."""

from pathlib import Path

import pytest

from p2p.model_shelf import ThreadedShelf, Wanted
from p2p.model_wire import CHUNK_BYTES, Offer
from p2p.options import ModelUsed
from tests.p2p.shelves import bundle, inline, said
from tests.web3rec.rerank.bundle.bundles import KEY, STRANGER
from web3rec.records import SigningKey
from web3rec.rerank.bundle import Bundle, Ground, Refusal, Shelf, container

NEW = bundle(2)
SAID = said(NEW)


@pytest.fixture
def ours(tmp_path: Path) -> ThreadedShelf:
    shelf = Shelf(tmp_path / "models")
    shelf.pin(KEY.peer)
    return ThreadedShelf(shelf, inline)


async def brought(ours: ThreadedShelf, data: bytes, of: Offer | None = None) -> Bundle | Refusal:
    """All chunks of it, kept and then installed."""
    offered = of or said(data)
    for number in range(await ours.resumed(offered), offered.chunks):
        at = len(offered.beginning) + CHUNK_BYTES * number
        await ours.keep(offered, number, data[at : at + offered.length(number)])
    return await ours.install(offered)


async def test_what_is_in_use_is_offered_and_nothing_else(ours: ThreadedShelf) -> None:
    assert await ours.pins()
    assert (await ours.offer(), await ours.used()) == (None, None)
    assert await ours.chunks(SAID, 0, 1) is None
    ours.shelf.install(NEW)
    assert await ours.offer() == SAID
    assert await ours.offer() is await ours.offer(), "made once"
    assert await ours.used() == ModelUsed("toy", 2)
    found = await ours.chunks(SAID, 10, 2)
    assert found is not None
    assert b"".join(found) == NEW[len(SAID.beginning) + 10 * CHUNK_BYTES :]
    ours.shelf.unpin(KEY.peer)
    assert await ours.offer() is None
    ours.shelf.pin(KEY.peer)
    ours.shelf.remove()
    assert (await ours.offer(), await ours.used()) == (None, None)


async def test_X3_a_damaged_or_replaced_bundle_is_not_given_away(ours: ThreadedShelf) -> None:
    ours.shelf.install(NEW)
    path = ours.shelf.file()
    assert path is not None
    assert await ours.offer() == SAID
    path.write_bytes(NEW[:-1] + bytes([NEW[-1] ^ 1]))
    assert await ours.chunks(SAID, 0, 2) is not None
    assert await ours.chunks(SAID, 11, 1) is None
    path.write_bytes(NEW[:-1])
    assert await ours.chunks(SAID, 11, 1) is None
    ours.shelf.install(bundle(3))
    assert await ours.chunks(SAID, 0, 1) is None
    assert await ours.offer() == said(bundle(3))


def ground(ours: ThreadedShelf, data: bytes, size: int | None = None) -> Ground | None:
    beginning = data[: container.head(data).manifest_end]
    found = ours.shelf.wanted(beginning, len(data) if size is None else size)
    return found.ground if isinstance(found, Refusal) else None


async def test_X3_what_is_worth_fetching(ours: ThreadedShelf) -> None:
    assert await ours.wanted(SAID) == Wanted(KEY.peer, "toy", 2)
    assert ground(ours, bundle(2, key=STRANGER, rows=10)) is Ground.PUBLISHER
    assert ground(ours, NEW, len(NEW) - 1) is Ground.LAYOUT
    bent = NEW[:45] + bytes([NEW[45] ^ 1]) + NEW[46:]
    assert ground(ours, bent) is Ground.SIGNATURE
    ours.shelf.install(NEW)
    assert ground(ours, NEW) is Ground.DOWNGRADE, "it is here"
    assert ground(ours, bundle(1)) is Ground.DOWNGRADE
    assert ground(ours, bundle(3)) is None
    assert ground(ours, bundle(3, name="other", rows=10)) is Ground.UNASKED
    ours.shelf.remove()
    assert ground(ours, bundle(3)) is Ground.UNASKED, "it was removed"
    assert ground(ours, bundle(3, name="other", rows=10)) is None


async def test_a_second_publisher_does_not_displace_the_model_in_use(ours: ThreadedShelf) -> None:
    other = bundle(9, key=STRANGER, rows=10)
    ours.shelf.pin(STRANGER.peer)
    assert ground(ours, other) is None
    ours.shelf.install(NEW)
    assert ground(ours, other) is Ground.UNASKED


async def test_what_came_whole_is_in_use_and_no_draft_is_left(ours: ThreadedShelf) -> None:
    found = await brought(ours, NEW)
    assert isinstance(found, Bundle)
    assert ours.shelf.offered() == NEW
    assert not list(ours.shelf.directory.glob("draft-*"))


async def test_X3_what_is_no_such_bundle_leaves_the_one_in_use(ours: ThreadedShelf) -> None:
    ours.shelf.install(bundle(1))
    before = sorted(ours.shelf.directory.iterdir())
    false = SAID.beginning + bytes(SAID.rest)
    found = await brought(ours, false, said(false))
    assert isinstance(found, Refusal)
    assert found.ground is Ground.HASH
    assert ours.shelf.offered() == bundle(1)
    assert sorted(ours.shelf.directory.iterdir()) == before


async def test_installing_goes_through_whoever_uses_the_model(tmp_path: Path) -> None:
    got: list[bytes] = []

    def refuse(data: bytes) -> Bundle | Refusal:
        got.append(data)
        return Refusal(Ground.UNASKED, "not now")

    ours = ThreadedShelf(Shelf(tmp_path / "models"), inline, refuse)
    assert isinstance(await brought(ours, NEW), Refusal)
    assert got == [NEW]


@pytest.mark.parametrize("key", [KEY, STRANGER])
async def test_a_draft_of_whomever_can_be_given_up(ours: ThreadedShelf, key: SigningKey) -> None:
    offered = said(bundle(2, key=key, rows=10))
    await ours.keep(offered, 0, b"x")
    await ours.drop()
    assert await ours.resumed(offered) == 0
