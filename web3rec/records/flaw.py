"""What can be wrong with a stranger's bytes, and what follows from it."""

from enum import StrEnum
from typing import Final

from web3rec.types import Verdict


class Flaw(StrEnum):
    """Why an envelope was not accepted; the first reason met in the order of `rules.judge`."""

    OVERSIZE = "oversize"
    """More bytes than a body or an envelope may have."""
    MALFORMED = "malformed"
    """Not an envelope, or its body is not one whole CBOR map of the allowed depth."""
    KNOWN = "known"
    """A record with this id is held already."""
    NOT_CANONICAL = "not canonical"
    """Not strict DAG-CBOR: key order, integer width, a key twice, a text that is not UTF-8."""
    VERSION = "unknown version"
    """A well-formed body of a version this code does not know."""
    ILLEGAL = "illegal"
    """A version 1 body that breaks a rule of the format."""
    SPELLING = "spelling"
    """Otherwise in order, but its URI goes beyond ASCII and is not canonical, or has characters the
    format does not know. Who goes by other tables of Unicode may pass it on in good faith."""
    FUTURE = "from the future"
    """Its time lies further ahead of our clock than the allowed skew."""
    STALE = "stale"
    """Its time lies further back than any record can live."""
    EXPIRED = "expired"
    """It no longer counts."""
    BUSY = "busy"
    """Of an author that speaks faster than this device listens; whether it is signed was not
    looked at."""
    WEAK_KEY = "weak key"
    """The author's key is one for which anybody can sign, or not the one spelling of a key."""
    SIGNATURE = "bad signature"
    """The author did not sign these bytes."""

    @property
    def verdict(self) -> Verdict:
        """IGNORE where an honest peer may be behind, ahead or late; REJECT everywhere else."""
        return Verdict.IGNORE if self in _PERHAPS_HONEST else Verdict.REJECT


_PERHAPS_HONEST: Final = frozenset(
    {
        Flaw.KNOWN,
        Flaw.VERSION,
        Flaw.SPELLING,
        Flaw.FUTURE,
        Flaw.STALE,
        Flaw.EXPIRED,
        Flaw.BUSY,
    }
)
