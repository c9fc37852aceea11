"""A head learnt on item vectors is a bundle like any other."""

import numpy as np
import pytest

from tests.web3rec.embeddings.test_head import crowds, lessons
from web3rec.distill.students.bundling import on_device
from web3rec.embeddings.head import HeadParams, Vectored, learnt
from web3rec.rerank.bundle import Refusal, reranker
from web3rec.rerank.model import ranked
from web3rec.types import ItemKey


@pytest.mark.parametrize("eight_bit", [False, True])
def test_a_device_orders_as_the_head_does(*, eight_bit: bool) -> None:
    """In floats the same scores; in whole numbers the same items among the first five of twelve,
    but for one in twenty.
    """
    table, told = crowds(0), lessons(40, 0)
    head = Vectored(learnt(told, table, HeadParams()), table)
    keys = [ItemKey(key.ljust(16, b"\0")) for key in table.vectors.keys.tolist()]
    vectors = dict(zip(keys, table.vectors.of(keys)[0], strict=True))
    device = reranker(on_device(head.weights, vectors, eight_bit=eight_bit, only=("weights.npz",)))
    assert not isinstance(device, Refusal)
    same = []
    for example in lessons(40, 1):
        if not eight_bit:
            want = head.scores(example.features)
            assert device.scores(example.features) == pytest.approx(want, abs=1e-3)
        one, two = (ranked(model, example.features).order[:5] for model in (head, device))
        same.append(len(set(one.tolist()) & set(two.tolist())) / 5)
    assert np.mean(same) >= (0.95 if eight_bit else 1)
