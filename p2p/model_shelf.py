"""A device's shelf of models as the network needs it: each look at the disk is one hop to a thread.

What is offered is the bundle in use and nothing else; what is installed passed every check of the
shelf, whoever sent it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, TypeVar

from p2p.drafts import Drafts
from p2p.model_wire import CHUNK_BYTES, Offer, offer
from p2p.options import ModelUsed
from web3rec.rerank.bundle import Bundle, Refusal, Shelf, container
from web3rec.rerank.bundle.shelf import STATE
from web3rec.types import PeerId

T = TypeVar("T")
Install = Callable[[bytes], Bundle | Refusal]
"""Uses a bundle from now on, if every check holds."""
_Stamp = tuple[int, int, int] | None


class Call(Protocol):
    """Does work that may wait for a disk off the loop."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """A model that is offered and worth fetching."""

    publisher: PeerId
    """Pinned; it signed what follows."""
    name: str
    version: int


@dataclass(frozen=True, slots=True)
class _Known:
    stamp: _Stamp
    used: ModelUsed | None
    offer: Offer | None


@dataclass(slots=True)
class ThreadedShelf:
    """Adapts `Shelf` to the loop. Methods raise DataError where the directory cannot be used."""

    shelf: Shelf
    call: Call
    install_with: Install | None = None
    """What installs; None: the shelf itself. A recommender that runs gives its own."""
    _seen: "_Known | None" = field(default=None, init=False)
    _drafts: Drafts = field(init=False)

    def __post_init__(self) -> None:
        """Nothing is read yet."""
        self._drafts = Drafts(self.shelf.directory)

    async def pins(self) -> bool:
        """Whether the user pinned anybody."""
        return bool(await self.call(self.shelf.pinned))

    async def used(self) -> ModelUsed | None:
        """The model in use; None if there is none that is sound."""
        return (await self.call(self._known)).used

    async def offer(self) -> Offer | None:
        """What there is to pass on; the same model."""
        return (await self.call(self._known)).offer

    async def chunks(self, said: Offer, first: int, count: int) -> list[bytes] | None:
        """These chunks of what was offered; None if another model is in use by now."""
        return await self.call(partial(self._chunks, said, first, count))

    async def wanted(self, said: Offer) -> Wanted | None:
        """What is offered, if it is to be fetched; see `Shelf.wanted`."""
        found = await self.call(partial(self.shelf.wanted, said.beginning, said.size))
        if isinstance(found, Refusal):
            return None
        return Wanted(container.head(said.beginning).publisher, found.name, found.version)

    async def resumed(self, said: Offer) -> int:
        """Chunks that are here already."""
        return await self.call(partial(self._drafts.resumed, said))

    async def keep(self, said: Offer, number: int, chunk: bytes) -> None:
        """Keep a chunk of what is on its way."""
        await self.call(partial(self._drafts.keep, said, number, chunk))

    async def install(self, said: Offer) -> Bundle | Refusal:
        """Use what came, if every check holds; either way it is no draft any more."""
        return await self.call(partial(self._install, said))

    async def drop(self) -> None:
        """Give up what is on its way."""
        await self.call(self._drafts.drop)

    # -- in a worker thread ----------------------------------------------------------------------

    def _install(self, said: Offer) -> Bundle | Refusal:
        found = (self.install_with or self.shelf.install)(self._drafts.whole(said))
        self._drafts.drop()
        return found

    def _chunks(self, said: Offer, first: int, count: int) -> list[bytes] | None:
        path = self.shelf.file()
        if path is None:
            return None
        try:
            with path.open("rb") as file:
                file.seek(len(said.beginning) + CHUNK_BYTES * first)
                found = [file.read(said.length(first + n)) for n in range(count)]
        except OSError:  # replaced since, most likely
            return None
        return found if all(said.fits(first + n, one) for n, one in enumerate(found)) else None

    def _known(self) -> "_Known":
        """What is on the shelf; checked anew only when it changed."""
        stamp = self._stamp()
        if self._seen is None or self._seen.stamp != stamp:
            data, found = self.shelf.offered(), self.shelf.used()
            if data is None or not isinstance(found, Bundle):
                self._seen = _Known(stamp, None, None)
            else:
                used = ModelUsed(found.manifest.name, found.manifest.version)
                self._seen = _Known(stamp, used, _offer_of(data))
        return self._seen

    def _stamp(self) -> _Stamp:
        """Changes whenever models.json is replaced."""
        try:
            found = (self.shelf.directory / STATE).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size


def _offer_of(data: bytes) -> Offer:
    return offer(data, container.head(data).manifest_end)
