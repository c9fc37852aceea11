"""Measure the cold start: first lists of people who have done nothing yet and give three words.

python scripts/cold_start.py hetrec2011-lastfm-2k.zip [people] [seed]

Prints NDCG@20, mean and standard error, of popularity and of each setting, with and without words.
About a second a person. What is hidden and what is not: web3rec/eval/cold_start.py.
"""

import sys
from pathlib import Path

import numpy as np

from web3rec.adapters.hetrec import read_hetrec, read_taggings
from web3rec.eval.cold_start import SETTINGS, cold_starts, drawn


def main(path: Path, people: int, seed: int) -> None:
    """Ask for everybody's lists, then say what came of it."""
    dataset, taggings = read_hetrec(path), read_taggings(path)
    chosen = drawn(dataset, taggings, people, np.random.default_rng(seed))
    found = list(cold_starts(dataset, taggings, chosen))
    popular = [one.popular for one in found]
    say(f"{len(found)} people: popularity", popular, popular)
    for name in SETTINGS:
        say(f"{name}, three words", [one.asked[name] for one in found], popular)
        say(f"{name}, no words", [one.silent[name] for one in found], popular)


def say(what: str, values: list[float], popular: list[float]) -> None:
    """One line."""
    error = np.std(values, ddof=1) / np.sqrt(len(values))
    ratio = np.mean(values) / np.mean(popular)
    sys.stdout.write(f"{what:28} {np.mean(values):.3f} ± {error:.3f}   {ratio:.2f} x popularity\n")


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[2:4]]
    main(Path(sys.argv[1]), *given, *(120, 0)[len(given) :])
