"""Lessons as a file are the lessons that were made."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tests.web3rec.distill.stages.kitchens import PLAIN, Kitchen
from web3rec.distill.stages.classroom import ARRAYS, NAMES, classroom, load, save
from web3rec.distill.stages.linear_pupil import fitted
from web3rec.distill.stages.material import material
from web3rec.distill.stages.vectors import FILE
from web3rec.distill.stages.vectors import load as load_vectors
from web3rec.distill.stages.vectors import work as fit_vectors
from web3rec.errors import DataError
from web3rec.rerank.bundle.numpy_backend import NumpyModel, steps
from web3rec.rerank.features import NAMES as COLUMNS
from web3rec.rerank.linear import LinearParams, learnt
from web3rec.store import key_of

pytestmark = pytest.mark.slow
VECTORS = PLAIN + '[vectors]\nkind = "svd"\ndimension = 8\n'


@pytest.fixture
def kitchen(tmp_path: Path) -> Kitchen:
    return Kitchen.at(tmp_path)


def test_what_is_read_again_is_what_was_made(kitchen: Kitchen) -> None:
    bench = kitchen.bench(PLAIN)
    made = classroom(material(bench.written), bench.recipe)
    bench.workshop.prepare().release()
    for name, data in save(made).items():
        bench.workshop.write(name, data)
    read = load(bench.workshop)
    assert read.ids == made.ids
    assert_array_equal(read.part, made.part)
    for a, b in zip(read.lessons, made.lessons, strict=True):
        assert a.question == b.question
        assert_array_equal(a.features.values, b.features.values)
        assert_array_equal(a.hits, b.hits)
        assert a.targets == b.targets
        assert a.features.content is not None
        assert b.features.content is not None
        assert a.features.content.items == b.features.content.items
        assert a.features.content.history == b.features.content.history
        assert_array_equal(a.features.content.newer, b.features.content.newer)
    assert sum(map(len, (read.train, read.valid, read.test))) == len(made.lessons)


def test_hits_are_what_was_hidden_and_items_are_what_bundles_call_them(kitchen: Kitchen) -> None:
    bench = kitchen.bench(PLAIN)
    found = material(bench.written)
    made = classroom(found, bench.recipe)
    assert any(lesson.hits.any() for lesson in made.lessons)
    for lesson in made.lessons:
        hidden = found.hidden[lesson.person]
        assert lesson.targets == len(hidden)
        items = [item.id for item in lesson.question.candidates]
        assert_array_equal(lesson.hits, [item in hidden for item in items])
        assert lesson.features.content is not None
        assert lesson.features.content.items == tuple(map(key_of, items))


def test_half_a_file_is_said(kitchen: Kitchen) -> None:
    bench = kitchen.bench(PLAIN)
    bench.workshop.prepare().release()
    for name, data in save(classroom(material(bench.written), bench.recipe)).items():
        bench.workshop.write(name, data)
    bench.workshop.write(NAMES, b'{"ids": []}')
    with pytest.raises(DataError, match=f"{NAMES}: damaged"):
        load(bench.workshop)
    bench.workshop.write(ARRAYS, b"PK")
    with pytest.raises(DataError, match=f"{ARRAYS}: damaged"):
        load(bench.workshop)


def test_taught_by_hits_alone_the_linear_student_is_the_linear_head(kitchen: Kitchen) -> None:
    """The oracle is `rerank.linear`; and its layers in NumPy say the same."""
    bench = kitchen.bench(PLAIN)
    lessons = classroom(material(bench.written), bench.recipe).train
    wanted = [x.hits / max(1, x.hits.sum()) for x in lessons]
    pupil = fitted(lessons, wanted, np.ones(len(lessons)), 3.0)
    head = learnt([x.example() for x in lessons if x.hits.any()], LinearParams(l2=3.0))
    layers, arrays = pupil.layers()
    model = NumpyModel(steps(layers, arrays, len(COLUMNS)), COLUMNS)
    for lesson in lessons:
        expected = head.scores(lesson.features)
        np.testing.assert_allclose(pupil.scores(lesson.features), expected, atol=1e-6)
        np.testing.assert_allclose(model.scores(lesson.features), expected, atol=1e-4)
    with pytest.raises(DataError, match="nothing is right in any list"):
        fitted(lessons, [np.zeros(len(x.features)) for x in lessons], np.ones(len(lessons)), 3.0)


@pytest.mark.parametrize("kind", ["svd", "propagation"])
def test_vectors_are_of_what_stays_and_the_same_every_time(kitchen: Kitchen, kind: str) -> None:
    bench = kitchen.bench(VECTORS.replace("svd", kind))
    files = fit_vectors(bench)
    assert files == fit_vectors(bench)
    bench.workshop.prepare().release()
    bench.workshop.write(FILE, files[FILE])
    table = load_vectors(bench.workshop, bench.recipe)
    assert table is not None
    assert table.rows.shape[1] == 8
    near, far = table.of([key_of("a0t05"), key_of("a0t06"), key_of("a3t05")])[0][[1, 2]]
    own = table.of([key_of("a0t05")])[0][0]
    assert own @ near > own @ far, "tracks of one album are heard by the same people"


@pytest.mark.parametrize(("kind", "more", "first"), [("svd", "text = 2\n", 8), ("texts", "", 0)])
def test_titles_can_be_a_part_of_vectors_or_all_of_them(
    kitchen: Kitchen, kind: str, more: str, first: int
) -> None:
    """Paragraphs of two kinds: what is written alike lies near in that part."""
    items = [f"a{album}t{track:02}" for album in range(6) for track in range(14)]
    (kitchen.folder / "keys.txt").write_text("".join(f"{i} {i}\n" for i in items))
    texts = {i: ("loud metal" if int(i[1]) % 2 else "soft piano") + f" {i}" for i in items}
    (kitchen.folder / "texts.json").write_text(str(texts).replace("'", '"'))
    more += 'texts = "texts.json"\nkeys = "keys.txt"\n'
    bench = kitchen.bench(VECTORS.replace("svd", kind) + more)
    bench.workshop.prepare().release()
    bench.workshop.write(FILE, fit_vectors(bench)[FILE])
    table = load_vectors(bench.workshop, bench.recipe)
    assert table is not None
    loud, loud_too, soft = table.of([key_of("a1t05"), key_of("a3t05"), key_of("a2t05")])[0][
        :, first:
    ]
    assert loud @ loud_too > loud @ soft
