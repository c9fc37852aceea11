"""`eval`: formats, figures, the same bytes again, and what it refuses."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.web3rec.adapters.conftest import MOVIELENS, write_folder
from tests.web3rec.cli.calls import Place

PROMISED = ("dataset", "method", "users", "recall@10", "ndcg@10", "recall@20", "ndcg@20", "seconds")
SPLIT = {
    "train.txt": "1 10 20 30\n2 10 20 40\n3 10 30 40\n4 20 30\n",
    "valid.txt": "4 10\n",
    "test.txt": "1 40\n2 30\n3 20\n4 40\n",
}
PLAYS = "".join(f"u{u},b{i},{u + i}\n" for u in range(6) for i in range(8) if (u * 3 + i) % 4)
TRUST = "".join(f"u{u},u{(u + 1) % 6}\n" for u in range(5))


@pytest.fixture
def split(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "tiny", SPLIT)


@pytest.fixture
def plays(tmp_path: Path) -> Path:
    path = tmp_path / "plays.csv.gz"
    path.write_bytes(gzip.compress(PLAYS.encode()))
    (tmp_path / "trust.csv").write_text(TRUST)
    return path


def test_a_split_gives_a_line_a_method_in_the_order_asked(nowhere: Place, split: Path) -> None:
    said = nowhere.fine(
        "eval", "--data", str(split), "--format", "split", "-m", "ours", "-m", "popular", "--json"
    )
    ours, popular = said.objects
    assert [ours["method"], popular["method"]] == ["ours", "popular"]
    for line in (ours, popular):
        assert set(PROMISED) <= set(line)
        assert (line["dataset"], line["users"]) == ("tiny", 4)
        low, high = line["intervals"]["ndcg@20"]
        assert low <= line["ndcg@20"] <= high
    assert ours["recall@10"] == 1.0, "one item is left for each, and it is found"
    assert ours["coverage@10"] == 1.0
    assert "everyone is admitted" in ours["note"]
    assert "everyone is admitted" in said.err
    assert "note" not in popular


def test_the_same_seed_gives_the_same_bytes(nowhere: Place, plays: Path) -> None:
    words = ["eval", "--data", str(plays), "--format", "pairs", "--json", "--seed", "4"]
    words += ["--trust", str(plays.parent / "trust.csv"), "-m", "web3recommend", "-m", "ours"]
    once, again = nowhere.fine(*words, "--no-times"), nowhere.fine(*words, "--no-times")
    assert once.out == again.out
    assert all("seconds" not in line for line in once.objects)
    timed = nowhere.fine(*words).objects
    assert all(line.pop("seconds") >= 0 for line in timed)
    assert timed == once.objects
    words[words.index("4")] = "5"
    assert nowhere.fine(*words, "--no-times").out != once.out


@pytest.mark.slow
def test_another_process_gives_the_same_bytes(nowhere: Place, plays: Path) -> None:
    words = ["eval", "--data", str(plays), "--format", "pairs", "--json", "--no-times"]
    words += ["-m", "als", "-m", "bpr", "-m", "ease", "-m", "ours"]
    assert nowhere.process(*words).out == nowhere.process(*words).out != ""


def test_the_usual_methods_come_as_tables(nowhere: Place, plays: Path) -> None:
    trust = str(plays.parent / "trust.csv")
    words = ["eval", "--data", str(plays), "--format", "pairs", "--trust", trust, "--mutual"]
    said = nowhere.fine(*words, "--k", "5,3")
    head = [line for line in said.out.splitlines() if line.startswith("method")]
    assert ["ndcg@3" in head[0], "ndcg@5" in head[1]] == [True, True]
    rows = [line.split()[0] for line in said.out.splitlines()]
    assert rows[1:7] == ["popular", "cosine", "rp3beta", "open", "friends", "ours"]
    assert "±" in said.out
    alone = nowhere.fine("eval", "--data", str(plays), "--format", "pairs", "--no-times")
    assert "friends left out" in alone.err
    assert "seconds" not in alone.out


def test_people_can_be_drawn_and_chosen_and_valid_looked_at(
    nowhere: Place, plays: Path, split: Path
) -> None:
    trust = str(plays.parent / "trust.csv")
    words = ["eval", "--data", str(plays), "--format", "pairs", "-m", "popular", "--json"]
    assert nowhere.fine(*words, "--users", "2").objects[0]["users"] == 2
    chosen = nowhere.fine(*words, "--trust", trust, "--friends", "1").objects[0]
    assert chosen["users"] == 5
    words = ["eval", "--data", str(split), "--format", "split", "-m", "popular", "--json"]
    assert nowhere.fine(*words, "--part", "valid").objects[0]["users"] == 1


def test_movielens_is_read_too(nowhere: Place, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "ml", MOVIELENS)
    said = nowhere.fine(
        "eval", "--data", str(folder), "--format", "movielens", "-m", "popular", "--json"
    )
    assert said.objects[0]["dataset"] == "MovieLens"
    assert "fewer than 3 stars" in said.err


@pytest.mark.slow
def test_a_picture_is_drawn_beside_the_table(nowhere: Place, plays: Path) -> None:
    picture = plays.parent / "eval.png"
    words = ["eval", "--data", str(plays), "--format", "pairs", "-m", "popular", "-m", "ours"]
    said = nowhere.fine(*words, "--plot", str(picture))
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "popular" in said.out
    broken = nowhere(*words, "--plot", str(plays.parent / "eval.abc"))
    assert broken.code == 1
    assert "eval.abc cannot be drawn" in broken.err
    assert "Traceback" not in broken.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--format", "split", "--k", "0"], "wanted positions from 1 to 1000 such as 10,20"),
        (["--format", "split", "--k", "ten"], "wanted positions from 1 to 1000"),
        (["--format", "split", "--seed", "-1"], "x>=0"),
        (["--format", "split", "-m", "magic"], "'magic' is not one of"),
        (["--format", "split", "--least", "3"], "--least is for --format pairs"),
        (["--format", "split", "--mutual"], "give --trust FILE"),
        (["--format", "split", "--trust", "/no/such"], "/no/such: there is no such file"),
        (["--format", "hetrec"], "wanted user_artists.dat"),
        (["--format", "pairs"], "there is no such file"),
        ([], "Missing option '--format'"),
    ],
)
def test_a_wrong_word_is_one_line(nowhere: Place, split: Path, words: list[str], says: str) -> None:
    assert says in nowhere("eval", "--data", str(split), *words).complaint


def test_what_goes_by_trust_wants_trust(nowhere: Place, split: Path) -> None:
    said = nowhere("eval", "--data", str(split), "--format", "split", "-m", "friends", "--json")
    assert said.code == 1
    assert said.out == ""
    complaint = "friends goes by trust, and nobody trusts anybody here: give a trust file"
    assert said.err == f"web3rec: error: {complaint}\n"


def test_trust_has_to_be_among_its_people(nowhere: Place, split: Path, tmp_path: Path) -> None:
    (tmp_path / "trust.txt").write_text("8 9\n")
    words = ["eval", "--data", str(split), "--format", "split", "--trust"]
    assert "joins two people of tiny" in nowhere(*words, str(tmp_path / "trust.txt")).complaint
    (tmp_path / "trust.txt").write_text("1 2\n2 9\n")
    said = nowhere.fine(*words, str(tmp_path / "trust.txt"), "-m", "friends", "--json")
    assert json.loads(said.out)["method"] == "friends"


@pytest.mark.slow
@pytest.mark.parametrize("module", ["pytrec_eval", "threadpoolctl"])
def test_without_its_extra_it_says_what_to_install(split: Path, module: str) -> None:
    """Not installed, as far as this process can tell."""
    code = (
        f"import sys; sys.modules['{module}'] = None\n"
        "from web3rec.cli import main; main(sys.argv[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "eval", "--data", str(split), "--format", "split"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (1, "")
    needs = f"this needs {module}, which is not installed: pip install 'web3rec[eval]'"
    assert done.stderr == f"web3rec: error: {needs}\n"
