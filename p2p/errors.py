"""Errors of the network layer; all are Web3recErrors.

NodeError            a setting or a call on a node that cannot be carried out
├── AddressInUse     a listening address is taken; choose another port, or 0
└── VersionMismatch  libp2p is not the version our guard was written for
"""

from web3rec.errors import Web3recError


class NodeError(Web3recError):
    """A setting or a call on a node that cannot be carried out; the message says what to do."""


class AddressInUse(NodeError):  # noqa: N818 - says what happened
    """A listening address is already taken."""


class VersionMismatch(NodeError):  # noqa: N818
    """The installed libp2p is not the one the guard was written for."""
