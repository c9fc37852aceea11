"""Everything that happened, in order, as one hash: two runs are the same if their hashes are."""

import hashlib
from typing import Final, TextIO

CHUNK: Final = 4_096
"""Lines hashed at once: one update a line would cost as much as making it."""


class Trace:
    """Notes events; knows nothing of what they mean."""

    def __init__(self, copy: TextIO | None = None) -> None:
        """`copy`: also write each line there, to find where two runs part."""
        self.events = 0
        self._copy = copy
        self._hash = hashlib.sha256()
        self._waiting: list[str] = []

    def note(self, line: str) -> None:
        """One event, in words that hold no address of an object and nothing of the real clock."""
        self.events += 1
        self._waiting.append(line)
        if len(self._waiting) >= CHUNK:
            self._flush()

    def digest(self) -> str:
        """64 hex digits: the sha256 of every line so far, each ended by a newline."""
        self._flush()
        return self._hash.hexdigest()

    def _flush(self) -> None:
        if self._waiting:
            text = "\n".join(self._waiting) + "\n"
            self._hash.update(text.encode())
            if self._copy is not None:
                self._copy.write(text)
            self._waiting.clear()
