"""Whom Sybils trust, and who trusts them: the shapes of an attack."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from web3rec.adapters import TrustEdge
from web3rec.eval.attacks.attack import Trusts


class Wiring(NamedTuple):
    """The edges of an attack."""

    trusts: Trusts
    bridges: tuple[TrustEdge, ...]


def ring(names: Sequence[str], compromised: Sequence[str]) -> Wiring:
    """The compromised share the Sybils out evenly and trust them all; these form one cycle.

    No Sybil is further from the victim than it must be.
    """
    here = np.arange(len(names), dtype=np.int32)
    trusts = _edges(here, np.roll(here, -1))
    entered = max(len(names), len(compromised)) if compromised else 0
    bridges = tuple(
        TrustEdge(compromised[n % len(compromised)], names[n % len(names)]) for n in range(entered)
    )
    return Wiring(trusts, bridges)


def chain(names: Sequence[str], compromised: Sequence[str], *, closed: bool) -> Wiring:
    """Each compromised person trusts the head of a line of its own; closed, the last the head."""
    lines = max(1, min(len(compromised), len(names)))
    here = np.arange(len(names), dtype=np.int32)
    after = here + lines
    inside = after < len(names)
    after = np.where(inside, after, here % lines)
    keep = np.full(len(names), True) if closed else inside
    return Wiring(_edges(here[keep], after[keep]), _heads(names, compromised))


def hubs(names: Sequence[str], compromised: Sequence[str]) -> Wiring:
    """Each compromised person trusts a hub of its own; hub and spokes trust each other."""
    many = max(1, min(len(compromised), len(names)))
    spokes = np.arange(many, len(names), dtype=np.int32)
    hub = spokes % many
    trusts = _edges(np.concatenate((hub, spokes)), np.concatenate((spokes, hub)))
    return Wiring(trusts, _heads(names, compromised))


def _heads(names: Sequence[str], compromised: Sequence[str]) -> tuple[TrustEdge, ...]:
    return tuple(TrustEdge(who, names[n % len(names)]) for n, who in enumerate(compromised))


def _edges(source: np.ndarray, target: np.ndarray) -> Trusts:
    """By source, nobody trusting itself."""
    kept = np.flatnonzero(source != target)
    order = kept[np.argsort(source[kept], kind="stable")]
    return Trusts(source[order].astype(np.int32), target[order].astype(np.int32))
