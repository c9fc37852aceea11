"""Every error this SDK raises, and when.

    Web3recError
    ├── ParamError        a number or option outside its range; also a ValueError
    ├── DataError         a file or value that is not what it should be; also a ValueError
    ├── KeyFileError      the key file is missing, unreadable, open to others or not a key
    ├── PassphraseError   a passphrase is needed, or does not open what it should
    ├── Closed            the recommender was closed; you used it afterwards
    ├── AlreadyOpen       another process (or object) holds this directory
    ├── ReadOnly          a write on a store opened read-only, or on a disk that cannot be written
    ├── CorruptStore      the database file is damaged; its message says where it was put
    └── Incompatible      the store was written by a newer web3rec

These are our caller's mistakes, or the machine's. A stranger's bytes never raise: they get a
`web3rec.types.Verdict`.
"""


class Web3recError(Exception):
    """The root: catch this to catch everything web3rec raises on purpose."""


class ParamError(Web3recError, ValueError):
    """A parameter outside its range."""

    def __init__(self, name: str, got: object, wanted: str) -> None:
        """Say which parameter, what it was and what it must be."""
        super().__init__(f"{name} must be {wanted}, got {got!r}")
        self.name = name


class DataError(Web3recError, ValueError):
    """Input that is not what it should be; `where` names the file and line when known."""

    def __init__(self, what: str, *, where: str = "") -> None:
        """`what` says what was wanted, what was found and what to do next."""
        super().__init__(f"{where}: {what}" if where else what)
        self.where = where


class KeyFileError(Web3recError):
    """The key file is missing, unreadable or not a key."""


class PassphraseError(Web3recError):
    """A passphrase is needed, or does not open what it should; never says more than that."""


class Closed(Web3recError):  # noqa: N818 - the domain's word, as in "the store is Closed"
    """The recommender was closed before this call."""


class AlreadyOpen(Web3recError):  # noqa: N818
    """Another process, or another object in this one, holds the directory."""


class ReadOnly(Web3recError):  # noqa: N818
    """A write on something that can only be read."""


class CorruptStore(Web3recError):  # noqa: N818
    """The database file is damaged."""


class Incompatible(Web3recError):  # noqa: N818
    """The store was written by a newer version."""
