"""Judgements on disk: kept through anything, forgotten on demand."""

import hashlib
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal

from web3rec.distill.cache import Cache
from web3rec.errors import CorruptStore, DataError, Incompatible, ParamError


def asked(what: object) -> bytes:
    return hashlib.sha256(repr(what).encode()).digest()


def test_what_is_put_is_got_by_the_same_teacher_and_prompt_alone(tmp_path: Path) -> None:
    with Cache(tmp_path / "c.db") as cache:
        cache.put("t", asked(1), "ann", np.array([1.5, np.nan]))
        assert_array_equal(cache.get("t", asked(1), 2), [1.5, np.nan])
        assert cache.get("other", asked(1), 2) is None
        assert cache.get("t", asked(2), 2) is None
        assert cache.get("t", asked(1), 3) is None
    with Cache(tmp_path / "c.db") as again:
        assert_array_equal(again.get("t", asked(1), 2), [1.5, np.nan])


@given(arrays(np.float64, st.integers(0, 30), elements=st.floats(allow_infinity=False)))
def test_every_judgement_comes_back_bit_for_bit(score: np.ndarray) -> None:
    with Cache(Path(":memory:")) as cache:
        cache.put("t", asked(1), "ann", score)
        assert_array_equal(cache.get("t", asked(1), score.size), score)


_WRITER = """
import hashlib, sys, numpy as np
from pathlib import Path
from web3rec.distill.cache import Cache
cache = Cache(Path(sys.argv[1]))
for n in range(1_000_000):
    cache.put("t", hashlib.sha256(repr(n).encode()).digest(), "ann", np.full(3, float(n)))
    print(n, flush=True)
"""


@pytest.mark.slow
def test_a_cache_whose_writer_is_killed_holds_all_it_said_it_held(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE, text=True
    )
    with writer:
        assert writer.stdout is not None
        last = -1
        for line in writer.stdout:
            last = int(line)
            if last == 200:
                writer.kill()
                break
        rest = [int(line) for line in writer.stdout if line.endswith("\n")]
    assert writer.returncode == -signal.SIGKILL
    last = rest[-1] if rest else last
    with Cache(path) as cache:
        assert len(cache) in (last + 1, last + 2)
        for n in range(last + 1):
            assert_array_equal(cache.get("t", asked(n), 3), np.full(3, float(n)))
        cache.put("t", asked("next"), "ann", np.zeros(3))


def test_a_forgotten_person_leaves_no_byte(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    mark = np.frombuffer(b"whatannlikes", np.uint32).astype(np.float64)
    with Cache(path) as cache:
        cache.put("t", asked(1), "ann", mark)
        cache.put("t", asked(2), "ben", np.ones(3))
        assert cache.forget("ann") == 1
        assert cache.forget("ann") == 0
        assert cache.get("t", asked(1), 3) is None
        assert_array_equal(cache.get("t", asked(2), 3), np.ones(3))
        for file in tmp_path.iterdir():
            assert mark.tobytes() not in file.read_bytes()
            assert hashlib.sha256(b"ann").digest() not in file.read_bytes()


def test_a_row_that_is_not_one_counts_as_missing(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    with Cache(path) as cache:
        cache.put("t", asked(1), "ann", np.ones(1))
    db = sqlite3.connect(path)
    db.execute("UPDATE judgement SET score = ?", (np.array([np.inf]).tobytes(),))
    db.commit()
    db.close()
    with Cache(path) as cache:
        assert cache.get("t", asked(1), 1) is None


def test_a_file_that_is_no_cache_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    path.write_bytes(b"not a database at all, but long enough to be looked at" * 100)
    before = path.read_bytes()
    with pytest.raises(CorruptStore, match="move it away"):
        Cache(path)
    assert path.read_bytes() == before


def test_a_newer_cache_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(Incompatible, match="upgrade"):
        Cache(path)


def test_what_cannot_be_a_judgement_is_refused(tmp_path: Path) -> None:
    with Cache(tmp_path / "c.db") as cache:
        with pytest.raises(ParamError, match="infinite"):
            cache.put("t", asked(1), "ann", np.array([np.inf]))
        with pytest.raises(ParamError, match="sha256"):
            cache.put("t", b"short", "ann", np.zeros(1))
        with pytest.raises(ParamError, match="sha256"):
            cache.get("t", b"short", 1)
        assert len(cache) == 0


def test_a_cache_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be"):
        Cache(tmp_path / "no folder" / "c.db")
    with pytest.raises(DataError, match="cannot be"):
        Cache(tmp_path)


def test_two_processes_worth_of_connections_share_it(tmp_path: Path) -> None:
    with Cache(tmp_path / "c.db") as one, Cache(tmp_path / "c.db") as two:
        one.put("t", asked(1), "ann", np.ones(1))
        two.put("t", asked(2), "ann", np.ones(1))
        assert len(one) == len(two) == 2


def test_U3_what_nobody_used_since_it_was_opened_can_be_let_go_bytes_and_all(
    tmp_path: Path,
) -> None:
    """Read and written count as used; a look in vain does not."""
    marks = {n: np.full(40, 0.123456789 + n) for n in range(4)}
    with Cache(tmp_path / "c.db") as cache:
        for n in range(3):
            cache.put("t", asked(n), "ann", marks[n])
    with Cache(tmp_path / "c.db") as cache:
        cache.get("t", asked(1), 40)
        cache.get("t", asked(9), 40)
        cache.put("u", asked(3), "bob", marks[3])
        assert cache.used == {("t", asked(1)), ("u", asked(3))}
        assert cache.keep(cache.used) == 2
        assert len(cache) == 2
        assert_array_equal(cache.get("t", asked(1), 40), marks[1])
        assert_array_equal(cache.get("u", asked(3), 40), marks[3])
        for file in tmp_path.iterdir():
            assert marks[0].tobytes() not in file.read_bytes()
            assert marks[2].tobytes() not in file.read_bytes()
