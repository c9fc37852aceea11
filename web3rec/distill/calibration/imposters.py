"""Histories that we make up ourselves, for the calibrator to know such when it meets them.

LoRec teaches its calibrator with random and bandwagon profiles. These are here, and one kind that
it would not recognise from those: parts of real histories (copy). Each batch pushes a few items of
its own, as a campaign does.
Sources: Lam & Riedl, WWW 2004; Mobasher et al., ACM TOIT 7(4), 2007.
"""

from typing import Final

import numpy as np

from web3rec.distill.calibration.profiles import Profiles
from web3rec.types import Indices

STYLES: Final = ("random", "bandwagon", "copy")
FILLERS: Final = (0.005, 0.02, 0.08)
"""Lengths, as shares of what anybody holds."""
POPULAR: Final = 10
"""Items that a bandwagon profile holds whatever its filler."""
PUSHED: Final = 6
"""Items of one campaign."""
EACH: Final = 3
"""Of these, in one history."""
LEAST: Final = 4
"""Histories of a batch, at least: alone, nobody has a twin."""


def imposters(
    profiles: Profiles, count: int, style: str, rng: np.random.Generator
) -> list[Indices]:
    """Make up histories of one style.

    Args:
        profiles: of whom they are to pass as one.
        count: about how many; two batches for each length, of at least LEAST.
        style: one of STYLES.
        rng: draws them.

    Returns:
        int32 arrays, items oldest first, none twice; what is pushed comes last.

    Cost: O(count * items).
    """
    holders = profiles.holders
    held = np.flatnonzero(holders)
    popular = held[np.argsort(-holders[held], kind="stable")][:POPULAR]
    size = max(LEAST, round(count / (2 * len(FILLERS))))
    found: list[Indices] = []
    for filler in (*FILLERS, *FILLERS):
        length = max(1, round(filler * len(held)))
        pushed = rng.choice(held, size=min(PUSHED, len(held)), replace=False)
        for _ in range(size):
            own = rng.choice(pushed, size=min(EACH, len(pushed)), replace=False)
            if style == "copy":
                row = profiles.row(int(rng.integers(len(profiles.people))))
                rest = rng.choice(row, size=min(length, len(row)), replace=False)
            else:
                rest = rng.choice(held, size=length, replace=False)
                if style == "bandwagon":
                    more = max(1, length - len(popular))
                    rest = np.unique(np.append(popular, rest[:more]))
            rest = rng.permutation(rest[~np.isin(rest, own)])
            found.append(np.append(rest, own).astype(np.int32))
    return found
