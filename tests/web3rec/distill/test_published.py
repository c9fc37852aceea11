"""Real files: what their authors measured on them is what we measure.

Lists of ChatGPT-3.5 and text-davinci-003 from training histories (data beside the checkout; skipped
without it). The authors' NDCG@10, graded, is the mean over all people of the training part, those
without anything hidden counting 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from web3rec.distill.files import Rankings, read_rankings, tab_separated
from web3rec.distill.gate import decision
from web3rec.distill.measuring import graded_ndcg_at
from web3rec.distill.profiles import read_keys, read_profiles
from web3rec.distill.simulated import read_judgements, read_numbers
from web3rec.eval.metrics import ndcg_at
from web3rec.types import ItemId, Weights

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Part:
    """A published split: what each has, and what is hidden with its rating."""

    folder: Path
    own: Mapping[str, frozenset[ItemId]]
    hidden: Mapping[str, Mapping[ItemId, float]]

    @staticmethod
    def read(name: str) -> "Part":
        folder = beside(name)
        found: list[dict[str, dict[ItemId, float]]] = []
        for part in ("train", "test"):
            rows: dict[str, dict[ItemId, float]] = {}
            for user, item, rating, *_ in tab_separated(folder / f"splitting/0/{part}.tsv.gz"):
                rows.setdefault(user, {})[ItemId(item)] = float(rating)
            found.append(rows)
        return Part(folder, {u: frozenset(rows) for u, rows in found[0].items()}, found[1])

    def offered(self) -> dict[str, frozenset[ItemId]]:
        """What could be recommended to each: all that anybody has, but one's own."""
        every = frozenset[ItemId]().union(*self.own.values())
        return {user: every - own for user, own in self.own.items()}

    def worth(self, found: Rankings) -> float:
        total = sum(
            graded_ndcg_at(found.lists.get(user, ()), hidden, 10)
            for user, hidden in self.hidden.items()
            if user in self.own
        )
        return total / len(self.own)

    def plain(self, found: Rankings) -> Weights:
        return np.array(
            [ndcg_at(found.lists.get(u, ()), set(self.hidden[u]), 10) for u in self._asked()]
        )

    def _asked(self) -> list[str]:
        return [user for user in self.own if user in self.hidden]


def beside(name: str) -> Path:
    if not (SHARED / name).exists():
        pytest.skip(f"{name} is not beside the checkout")
    return SHARED / name


HETREC, SMALL = "lastfm-llm-rankings-sisinflab", "mlsmall-llm-rankings-sisinflab"


@pytest.mark.parametrize(
    ("name", "file", "published"),
    [
        (HETREC, "chat_gpt_output/output_exp_1_rec_artist.tsv.gz", 0.2268),
        (HETREC, "text_davinci_output/output_EXP_1_elliot.tsv.gz", 0.2155),
        (SMALL, "chat_gpt_output/output_exp_1_rec_movie.tsv.gz", 0.151),
        (SMALL, "text_davinci_output/output_EXP_1_elliot.tsv.gz", 0.142),
    ],
)
def test_published_ndcg_of_language_models_is_reproduced(
    name: str, file: str, published: float
) -> None:
    part = Part.read(name)
    read = read_rankings(part.folder / file)
    kept = read.among(part.offered())
    assert part.worth(kept) == pytest.approx(published, abs=0.002)
    assert kept.dropped.stranger > read.rows / 5
    assert read.dropped.malformed == 0


@pytest.mark.parametrize(
    ("file", "share"),
    [
        ("chat_gpt_output/output_exp_3_rec_artist_rerank_userknn.tsv.gz", 0.60),
        ("text_davinci_output/output_EXP_3_elliot.tsv.gz", 0.57),
    ],
)
def test_rerankings_are_kept_where_they_keep_to_the_candidates(file: str, share: float) -> None:
    part = Part.read(HETREC)
    given = read_rankings(part.folder / "text_davinci_output/results_EXP_3_no_rerank.tsv.gz")
    kept = read_rankings(part.folder / file).among(given.lists)
    assert sum(map(len, kept.lists.values())) / kept.rows == pytest.approx(share, abs=0.005)
    # Better than the order it was given, which is far below any collaborative method.
    rng = np.random.default_rng(0)
    assert decision("t", part.plain(kept), part.plain(given), rng).allowed


def test_the_gate_refuses_a_real_teacher_that_is_worse() -> None:
    """ChatGPT re-ranking candidates, beside what it lists when asked freely."""
    part = Part.read(HETREC)
    free = read_rankings(part.folder / "chat_gpt_output/output_exp_1_rec_artist.tsv.gz")
    again = read_rankings(
        part.folder / "chat_gpt_output/output_exp_3_rec_artist_rerank_userknn.tsv.gz"
    )
    worth = [part.plain(each.among(part.offered())) for each in (again, free)]
    found = decision("chatgpt", worth[0], worth[1], np.random.default_rng(0))
    assert not found.allowed
    assert found.people == 1_797


def test_profiles_and_simulated_users_are_read_whole() -> None:
    folder = beside("lastfm-llm-profiles-colakg")
    keys = read_keys(folder / "item_map.txt")
    profiles = read_profiles(folder / "llm_response_item.json.gz", keys)
    assert (len(profiles.texts), profiles.dropped) == (2_813, 0)
    folder = beside("ml-1m-agent4rec")
    found = read_judgements(
        folder / "llm_user_judgments_lightgcn_1000.jsonl.gz",
        read_numbers(folder / "user_id_map.json"),
        {n: ItemId(name) for n, name in read_numbers(folder / "movie_id_map.json").items()},
    )
    assert (found.pages, found.malformed, found.stranger) == (3_234, 0, 0)
    assert sum(map(len, found.opinions.values())) == 12_936
