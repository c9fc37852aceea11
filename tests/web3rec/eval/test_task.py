"""What is hidden from whom, and what stays to learn from."""

from pathlib import Path

import numpy as np
import pytest

from tests.web3rec.adapters.conftest import write_folder
from tests.web3rec.eval import boards
from web3rec.adapters import Act, Dataset, TrustEdge, read_split
from web3rec.errors import DataError, ParamError
from web3rec.eval.methods import Settings, method
from web3rec.eval.task import Task, task_of, task_of_split
from web3rec.types import Event, Item, ItemId, Millis

FILES = {
    "train.txt": "1 10 20\n2 10 30\n3\n",
    "valid.txt": "1 30\n",
    "test.txt": "1 40\n2 20 40\n3 10\n",
}
"""Nobody has item 40 in training; nothing is known of user 3."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "tiny", FILES)


def test_a_split_hides_what_its_file_says(folder: Path) -> None:
    task = task_of_split(read_split(folder))
    assert (task.name, task.people, task.n_items) == ("tiny", ("1", "2"), 3)
    assert task.hidden == (frozenset({3}), frozenset({1, 3})), "item 40 lies beyond what is known"
    assert task.listeners.tolist() == [2, 1, 1]
    assert task.notes == ("1 people left out: nothing is known of them but what is hidden",)
    valid = task_of_split(read_split(folder), "valid")
    assert (valid.people, valid.hidden) == (("1",), (frozenset({2}),))


def test_what_is_valid_is_neither_learned_nor_left_out_of_the_lists_for_test(folder: Path) -> None:
    task = task_of_split(read_split(folder))
    lists = task.lists(method("popular")(task.arena, Settings()), 5, lambda *_: None)
    assert lists == [[2], [1]], "item 30 of valid is shown to user 1"


def test_a_part_that_is_not_there_is_refused(folder: Path) -> None:
    (folder / "valid.txt").unlink()
    with pytest.raises(DataError, match="there is no valid file"):
        task_of_split(read_split(folder), "valid")


def test_a_fifth_of_everybodys_items_is_hidden_by_the_seed() -> None:
    data = boards.dataset([(p, i) for p in range(6) for i in range(5)], [(0, 1)])
    one, same, other = task_of(data, 1), task_of(data, 1), task_of(data, 2)
    assert [len(hidden) for hidden in one.hidden] == [1] * 6
    assert one.hidden == same.hidden != other.hidden
    assert one.notes == ("20% of everybody's items hidden",)
    assert int(one.listeners.sum()) == 6 * 4
    assert [one.friends_of(person) for person in one.people] == [1, 0, 0, 0, 0, 0]


def test_the_latest_are_hidden_where_times_are_known_and_times_become_a_month() -> None:
    day = 86_400_000
    acts = tuple(
        Act(user, ItemId(f"i{n}"), Event.LISTEN, 1, Millis((n + 1) * 1_000 * day))
        for user in ("ann", "bob")
        for n in range(5)
    )
    items = tuple(Item(ItemId(f"i{n}")) for n in range(5))
    task = task_of(Dataset("timed", ("ann", "bob"), items, acts), 0)
    assert task.hidden == (frozenset({4}), frozenset({4}))
    weights = task.arena.graph.rows.row(0)[1]
    assert np.all(np.diff(weights) > 0), "later weighs more"
    assert weights.max() / weights.min() < 2.1, "but all of it lies within one half-life"


def small() -> Task:
    pairs = [(p, i) for p in range(5) for i in range(4)]
    return task_of(boards.dataset(pairs, [(0, 1), (0, 2), (3, 1)]), 0)


def test_people_can_be_chosen_and_drawn() -> None:
    task = small()
    friendly = task.among(lambda person: task.friends_of(person) >= 1)
    assert friendly.people == ("p0", "p3")
    assert friendly.hidden == (task.hidden[0], task.hidden[3])
    drawn = task.sample(2, np.random.default_rng(0))
    assert len(drawn.people) == 2
    assert set(drawn.people) <= set(task.people)
    assert list(drawn.people) == sorted(drawn.people), "in the order of the data set"
    assert task.sample(99, np.random.default_rng(0)).people == task.people
    with pytest.raises(DataError, match="nobody is left"):
        task.among(lambda _: False)
    with pytest.raises(ParamError, match="people"):
        task.sample(0, np.random.default_rng(0))


def test_a_data_set_too_thin_to_hide_anything_is_refused() -> None:
    with pytest.raises(DataError, match="nobody has anything hidden"):
        task_of(boards.dataset([(0, 0), (1, 1)]), 0)


def test_whoever_only_others_trust_is_not_asked_about() -> None:
    data = boards.dataset([(0, 0), (0, 1), (0, 2), (1, 0)])
    quiet = Dataset(data.name, data.people, data.items, data.acts, (TrustEdge("p0", "p5"),))
    assert task_of(quiet, 0).people == ("p0",)
