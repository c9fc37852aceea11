"""Where a device keeps its model: whom it pinned, what it took, and the one bundle in use.

    directory/
    ├── models.json            pins, the newest version of every name ever taken, which is in use
    └── model-<hex>.bundle     the bundle in use, named after its hash

`models.json` is replaced at one stroke and last, so a kill at any moment leaves the old model or
the new one; a file that it does not name is swept away with the next change. The bundle is checked
anew each time it is opened: a disk is no more trusted than a peer. One writer at a time: the file
models.lock beside the directory sees to that, so commands may write beside a running node.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from web3rec.errors import DataError
from web3rec.records.keyfile import sync_directory
from web3rec.records.keys import did_key, is_weak, peer_from_did
from web3rec.rerank.bundle import container
from web3rec.rerank.bundle.manifest import Manifest
from web3rec.rerank.bundle.opening import Bundle, Installed, Trusted, announced, loaded, opened
from web3rec.rerank.bundle.refusal import Ground, Refusal
from web3rec.types import PeerId

STATE: Final = "models.json"
MAX_STATE: Final = 1024 * 1024
"""Bytes of models.json at most."""
PATIENCE: Final = 10.0
"""Seconds to wait for another writer; each takes some milliseconds."""
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class _Kept:
    """What models.json says."""

    pinned: frozenset[PeerId] = frozenset()
    newest: Mapping[tuple[PeerId, str], Installed] = field(default_factory=dict)
    used: bytes | None = None
    """sha256 of the bundle in use."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The models of one device. Every method raises DataError if the directory cannot be used, or
    models.json is damaged.
    """

    directory: Path
    """Made when something is first kept."""

    def pinned(self) -> frozenset[PeerId]:
        """Whose models are trusted."""
        return self._read().pinned

    def trusted(self) -> Trusted:
        """What a bundle from elsewhere has to hold against: pins, and versions taken before."""
        return _trusted(self._read())

    def pin(self, publisher: PeerId) -> None:
        """Trust the models of a publisher from now on.

        Raises:
            DataError: a key that anybody can speak by.
        """
        if is_weak(publisher):
            raise DataError("that is no key that a publisher can have: ask for the right one")
        with self._alone():
            kept = self._read()
            self._write(replace(kept, pinned=kept.pinned | {publisher}))

    def unpin(self, publisher: PeerId) -> None:
        """Trust them no longer: a model of theirs in use is refused from now on."""
        with self._alone():
            kept = self._read()
            self._write(replace(kept, pinned=kept.pinned - {publisher}))

    def install(self, data: bytes) -> Bundle | Refusal:
        """Use this bundle from now on, if every check holds; else what is in use stays."""
        with self._alone():
            kept = self._read()
            found = opened(data, _trusted(kept))
            if isinstance(found, Refusal):
                return found
            name = (found.publisher, found.manifest.name)
            installed = Installed(found.manifest.version, found.digest)
            self._put(_file(found.digest), data)
            newest = {**kept.newest, name: installed}
            self._write(replace(kept, newest=newest, used=found.digest))
            return found

    def used(self) -> Bundle | Refusal | None:
        """The bundle in use; why it cannot be used; None if there is none. Changes nothing."""
        kept = self._read()
        if kept.used is None:
            return None
        path = self.directory / _file(kept.used)
        if not path.exists():
            return Refusal(Ground.HASH, "its file is gone: install it again")
        found = loaded(path, _trusted(kept))
        if isinstance(found, Bundle) and found.digest != kept.used:
            return Refusal(Ground.HASH, "its file is not the one that was installed")
        return found

    def file(self) -> Path | None:
        """Where the bundle in use is kept, unchecked; None if there is none."""
        used = self._read().used
        return None if used is None else self.directory / _file(used)

    def offered(self) -> bytes | None:
        """The bytes of the bundle in use, to be passed on; None if there is none that is sound."""
        kept = self._read()
        if kept.used is None:
            return None
        path = self.directory / _file(kept.used)
        try:
            with path.open("rb") as file:
                data = file.read(container.MAX_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError as e:
            raise DataError(f"cannot be read ({e.strerror})", where=str(path)) from None
        found = opened(data, _trusted(kept))
        return data if isinstance(found, Bundle) and found.digest == kept.used else None

    def wanted(self, beginning: bytes, size: int) -> Manifest | Refusal:
        """Whether to fetch a bundle that a peer offers, nobody having asked for it.

        A newer version of the one in use; where none is, one that was never taken (and perhaps
        removed) in any version. Of a pinned publisher, and sound by its own account (`announced`).

        Args:
            beginning: head and manifest, and no more.
            size: bytes of the whole, by the word of who offers it.
        """
        kept = self._read()
        found = announced(beginning, _trusted(kept))
        if isinstance(found, Refusal):
            return found
        head = container.head(beginning)
        if (head.manifest_end, head.total) != (len(beginning), size):
            return Refusal(Ground.LAYOUT, "its head says another length")
        name = (head.publisher, found.name)
        held = kept.newest.get(name)
        if held is not None and found.version <= held.version:
            return Refusal(Ground.DOWNGRADE, f"version {held.version} was taken already")
        chosen = [of for of, one in kept.newest.items() if one.digest == kept.used]
        if name not in chosen and (kept.used is not None or held is not None):
            return Refusal(Ground.UNASKED, "the user uses another model, or removed this one")
        return found

    def remove(self) -> bool:
        """Use no model; whether there was one. Versions are remembered: there is no way back."""
        with self._alone():
            kept = self._read()
            if kept.used is None:
                return False
            self._write(replace(kept, used=None))
        return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else changes the shelf meanwhile. Leaves an empty file beside it."""
        path = self.directory.with_name(f"{self.directory.name}.lock")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            guard = FileLock(path, timeout=PATIENCE, mode=0o600)
            guard.acquire()
        except Timeout:
            raise DataError("somebody else is changing it; try again", where=str(path)) from None
        except OSError as e:
            raise DataError(f"cannot be written ({e.strerror})", where=str(path)) from None
        try:
            yield
        finally:
            guard.release()

    def _read(self) -> _Kept:
        path = self.directory / STATE
        try:
            with path.open("rb") as file:
                data = file.read(MAX_STATE + 1)
        except FileNotFoundError:
            return _Kept()
        except OSError as e:
            raise DataError(f"cannot be read ({e.strerror})", where=str(path)) from None
        try:
            return _parsed(data)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise DataError(
                "damaged: restore it from a backup, or delete it and pin publishers anew",
                where=str(path),
            ) from None

    def _write(self, kept: _Kept) -> None:
        said = {
            "format": _FORMAT,
            "newest": sorted(
                [did_key(peer), name, installed.version, installed.digest.hex()]
                for (peer, name), installed in kept.newest.items()
            ),
            "pinned": sorted(map(did_key, kept.pinned)),
            "used": kept.used.hex() if kept.used else None,
        }
        self._put(STATE, json.dumps(said, indent=1, sort_keys=True).encode("ascii"))
        used = _file(kept.used) if kept.used else None
        for path in self.directory.glob("model-*.bundle*"):
            if path.name != used:
                path.unlink(missing_ok=True)

    def _put(self, name: str, data: bytes) -> None:
        """Write a file whole and durably, readable by this user only, or leave what was there."""
        path = self.directory / name
        draft = path.with_name(f"{name}.new")
        try:
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft.unlink(missing_ok=True)
            with os.fdopen(
                os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
            ) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            sync_directory(self.directory)
        except OSError as e:
            raise DataError(f"cannot be written ({e.strerror})", where=str(path)) from None


def _trusted(kept: _Kept) -> Trusted:
    return Trusted(publishers=kept.pinned, newest=kept.newest)


def _file(digest: bytes) -> str:
    return f"model-{digest.hex()[:16]}.bundle"


def _parsed(data: bytes) -> _Kept:
    """Raises ValueError, TypeError, KeyError or AttributeError where it is not what we write."""
    said = json.loads(data)
    if said["format"] != _FORMAT or len(data) > MAX_STATE:
        raise ValueError("another format")
    newest: dict[tuple[PeerId, str], Installed] = {}
    for did, name, version, digest in said["newest"]:
        if type(version) is not int or not isinstance(name, str):
            raise ValueError("no version")
        newest[peer_from_did(did), name] = Installed(version, _digest(digest))
    used = None if said["used"] is None else _digest(said["used"])
    return _Kept(frozenset(map(peer_from_did, said["pinned"])), newest, used)


def _digest(text: str) -> bytes:
    digest = bytes.fromhex(text)
    if len(digest) != 32:
        raise ValueError("no sha256")
    return digest
