"""The hybrid in torch: the same numbers as `rerank.bundle.hybrid.scores`, many lists at once.

It starts as the linear head (`rerank.linear`) that the same lessons teach: `skip` holds its
weights, `last` is 0. So learning can only lead away from what is known to work.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from web3rec.distill.students.batches import Batches
from web3rec.distill.students.hybrid import HybridParams
from web3rec.distill.students.steady import Tensor
from web3rec.rerank.bundle.hybrid import SCALARS, HybridWeights
from web3rec.rerank.features import NAMES
from web3rec.rerank.linear import Linear

FADING = 0.1
"""First `decay`: an act less recent counts a tenth less, as the graph has it."""


def first(
    torch: Any, params: HybridParams, width: int, head: Linear, lists: Batches
) -> dict[str, Tensor]:
    """First weights, by the names of HybridWeights, and `unit`, which is not learnt: what each
    number of z that comes of vectors is divided by, so that none is too small to be heard.
    """
    c, p = len(NAMES), params.blend
    z = c + SCALARS + p
    small = width**-0.5
    found = {
        "scale": torch.tensor(1 / head.scale, dtype=torch.float32),
        "shift": torch.tensor(-head.mean / head.scale, dtype=torch.float32),
        "query": torch.randn(width, params.attention) * small,
        "key": torch.randn(width, params.attention) * small,
        "decay": torch.full((1,), FADING),
        "blend": torch.randn(width, p) * small,
        "hidden": torch.randn(z, params.hidden) * z**-0.5,
        "hidden_bias": torch.zeros(params.hidden),
        "last": torch.zeros(params.hidden, 1),
        "last_bias": torch.zeros(1),
        "skip": torch.zeros(z, 1),
        "unit": torch.ones(z),
    }
    found["skip"][:c, 0] = torch.tensor(head.weights, dtype=torch.float32)
    some = np.arange(min(len(lists), 64))
    z_values = seen(torch, found, lists, some)[torch.from_numpy(lists.there[some])]
    spread = z_values.std(0, correction=0)
    spread[:c] = 1
    found["unit"] = torch.where(spread > 1e-6, spread, torch.ones(()))
    return found


def seen(torch: Any, tensors: Mapping[str, Tensor], lists: Batches, at: Any) -> Tensor:
    """Z of these lists, each number divided by its unit; float32[b, n, z]."""
    table = torch.from_numpy(lists.table)
    items, history = (
        torch.nn.functional.embedding(torch.from_numpy(places[at]), table)
        for places in (lists.items, lists.history)
    )
    newer, known = torch.from_numpy(lists.newer[at]), torch.from_numpy(lists.known[at])[:, None]
    reach = (items @ tensors["query"]) @ (history @ tensors["key"]).transpose(1, 2)
    reach = reach / tensors["query"].shape[1] ** 0.5 - tensors["decay"] * newer[:, None]
    share = reach.masked_fill(~known, float("-inf")).softmax(-1)
    used = items * (share @ history)
    near = items @ history.transpose(1, 2)
    mean = near.masked_fill(~known, 0.0).sum(-1) / known.sum(-1)
    closest = near.masked_fill(~known, float("-inf")).amax(-1)
    scaled = torch.from_numpy(lists.x[at]) * tensors["scale"] + tensors["shift"]
    told = torch.stack([used.sum(-1), mean, closest], -1)
    return torch.cat([scaled, told, used @ tensors["blend"]], -1) / tensors["unit"]


def answers(
    torch: Any, tensors: Mapping[str, Tensor], lists: Batches, at: Any, dropout: float = 0.0
) -> Tensor:
    """Scores of these lists; float32[b, n], of any value where no candidate is."""
    z = seen(torch, tensors, lists, at)
    up = torch.relu(z @ tensors["hidden"] + tensors["hidden_bias"])
    if dropout:
        up = torch.nn.functional.dropout(up, dropout)
    return (up @ tensors["last"] + tensors["last_bias"] + z @ tensors["skip"])[..., 0]


def weights(tensors: Mapping[str, Tensor]) -> HybridWeights:
    """As plain arrays; the units are folded into what reads them."""
    held = {n: t.detach().numpy().astype(np.float64) for n, t in tensors.items() if n != "unit"}
    unit = tensors["unit"].numpy().astype(np.float64)[:, None]
    return HybridWeights.of(held | {"hidden": held["hidden"] / unit, "skip": held["skip"] / unit})
