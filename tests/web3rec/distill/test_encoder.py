"""A sentence encoder by path; tiny, random, made here."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

torch = pytest.importorskip("torch", reason="needs torch of the extra distill")
pytest.importorskip("transformers", reason="needs transformers of the extra distill")

from tests.web3rec.distill import tiny  # noqa: E402
from web3rec.distill.cache import Cache  # noqa: E402
from web3rec.distill.encoder import Encoder, EncoderParams  # noqa: E402
from web3rec.distill.pretrained import ModelFolderError, encoding  # noqa: E402
from web3rec.errors import DataError, ParamError  # noqa: E402
from web3rec.types import ItemId  # noqa: E402

pytestmark = pytest.mark.slow

TEXTS = {ItemId(str(n)): "word " * (n % 7) + str(n) for n in range(20)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.encoder(tmp_path_factory.mktemp("tiny") / "encoder")


def test_a_vector_is_the_mean_of_the_tokens_brought_to_length_one(folder: Path) -> None:
    """The oracle: each text through the model alone, without padding."""
    found = Encoder.opened(folder).vectors(TEXTS)
    opened = encoding(folder)
    for item, text in TEXTS.items():
        with torch.no_grad():
            tokens = opened.model(**opened.tokenizer(text, return_tensors="pt")).last_hidden_state
        mean = tokens[0].double().mean(0).numpy()
        assert_allclose(found[item], mean / np.linalg.norm(mean), atol=1e-5)


def test_a_run_that_is_stopped_goes_on_where_it_was(folder: Path, tmp_path: Path) -> None:
    """Half a run, then a whole one: to the bit what one run gives, and nothing is read twice."""
    params = EncoderParams(batch=4)
    whole = Encoder.opened(folder, params).vectors(TEXTS)
    with Cache(tmp_path / "cache.db") as cache:
        encoder = Encoder.opened(folder, params)

        def stop(done: int, _all: int) -> None:
            if done >= 8:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            encoder.vectors(TEXTS, cache, stop)
        assert len(cache) == 8
        told: list[tuple[int, int]] = []
        pieced = encoder.vectors(TEXTS, cache, lambda *step: told.append(step))
        assert told[-1] == (20, 20)
        assert len(cache) == 20
        with torch.no_grad():
            for weight in encoder.pretrained.model.parameters():
                weight.fill_(float("nan"))  # whoever asks the model now gets nothing
        again = encoder.vectors(TEXTS, cache)
        with pytest.raises(DataError, match="damaged"):
            encoder.vectors({ItemId("new"): "unheard of"}, cache)
    for item, row in whole.items():
        assert_array_equal(row, pieced[item])
        assert_array_equal(row, again[item])


def test_empty_texts_have_no_vector_and_like_texts_are_read_once(folder: Path) -> None:
    told: list[tuple[int, int]] = []
    texts = {ItemId("a"): " ", ItemId("b"): "same", ItemId("c"): "same"}
    found = Encoder.opened(folder).vectors(texts, None, lambda *step: told.append(step))
    assert set(found) == {"b", "c"}
    assert told == [(1, 1)]
    assert Encoder.opened(folder).vectors({}) == {}


def test_an_endless_text_is_read_to_what_the_encoder_can_read(folder: Path) -> None:
    """The tiny encoder reads 256 bytes; what comes after them changes nothing."""
    texts = {ItemId("a"): "x" * 9_000, ItemId("b"): "x" * 8_999 + "y"}
    found = Encoder.opened(folder, EncoderParams(longest=8_000, batch=1)).vectors(texts)
    assert_array_equal(found[ItemId("a")], found[ItemId("b")])
    assert np.isfinite(found[ItemId("a")]).all()


def test_no_more_is_read_than_the_tokenizer_says(tmp_path: Path) -> None:
    """Some models have places that no token may stand on."""
    folder = tiny.encoder(tmp_path / "encoder")
    said = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").write_text(json.dumps(said | {"model_max_length": 254}))
    assert encoding(folder).longest == 254


def test_what_is_put_before_a_text_is_read_and_is_in_the_id(folder: Path) -> None:
    plain, asked = Encoder.opened(folder), Encoder.opened(folder, EncoderParams(before="query: "))
    assert plain.id != asked.id
    one, other = plain.vectors({ItemId("a"): "query: x"}), asked.vectors({ItemId("a"): "x"})
    assert_allclose(one[ItemId("a")], other[ItemId("a")], atol=1e-6)


def test_what_is_no_encoder_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match="nothing is downloaded"):
        Encoder.opened(tmp_path / "none")
    for name, value in (("longest", 7), ("batch", 0)):
        with pytest.raises(ParamError, match=name):
            EncoderParams(**{name: value})  # type: ignore[arg-type]
