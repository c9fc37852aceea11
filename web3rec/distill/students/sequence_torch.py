"""Training a model of sequences: cross-entropy over all items, or some, at every position, by Adam.

Each epoch cuts everybody's history anew into windows and draws the order within moments anew. With
teachers, their logits of the 100 items they hold likeliest are a second target; with `exits`, every
block is asked for the next item and not the last alone (SLMRec's multiple supervision).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from web3rec.distill.losses.logits import top_logits
from web3rec.distill.students.histories import Moments, sequence
from web3rec.distill.students.sequence import EPSILON, SequenceModel, SequenceParams
from web3rec.distill.students.steady import Tensor, steady
from web3rec.errors import DataError, ParamError
from web3rec.types import ItemId


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceTraining:
    """How a model of sequences learns."""

    epochs: int = 60
    """>= 1."""
    batch: int = 64
    """Windows at once; >= 1."""
    rate: float = 1e-3
    """Adam's step; > 0."""
    decay: float = 1e-2
    """Weight decay of all matrices (AdamW); >= 0."""
    dropout: float = 0.3
    """In [0, 1)."""
    negatives: int = 0
    """Items that the next one has to stand out from, drawn anew for each batch, each counting for
    as many as were not drawn; 0: all, which is better and costs more the larger the catalogue."""
    exits: float = 0.0
    """Weight of the cross-entropy after each block but the last; >= 0."""
    kd: float = 1.0
    """Weight of the teachers' logits where there are teachers; >= 0."""
    temperature: float = 1.0
    """Of both sides of the distillation; > 0."""
    top: int = 100
    """Items that teachers are heard on, at each position; >= 2."""

    def __post_init__(self) -> None:
        for name, least in (("epochs", 1), ("batch", 1), ("top", 2), ("negatives", 0)):
            if not getattr(self, name) >= least:
                raise ParamError(name, getattr(self, name), f"at least {least}")
        for name in ("rate", "temperature"):
            if not 0 < getattr(self, name) < float("inf"):
                raise ParamError(name, getattr(self, name), "> 0")
        for name in ("decay", "exits", "kd"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise ParamError(name, getattr(self, name), ">= 0")
        if not 0 <= self.dropout < 1:
            raise ParamError("dropout", self.dropout, "in [0, 1)")


def trained_sequence(
    histories: Mapping[str, Moments],
    params: SequenceParams,
    training: SequenceTraining,
    seed: int,
    *,
    teachers: Sequence[SequenceModel] = (),
    votes: Mapping[str, float] | None = None,
    tell: Callable[[int, int, float], None] | None = None,
) -> SequenceModel:
    """Learn to say what comes next.

    Args:
        histories: person -> moments; the catalogue is what is in them.
        params: size.
        training: how.
        seed: of first weights, windows and dropout: one seed and one set of histories make the
            same bytes on one machine.
        teachers: models over the same catalogue (or a larger one); the mean of their logits.
        votes: person -> how much the person counts, >= 0; 1 where not said.
        tell: of (epochs done, all, mean loss), after each epoch.

    Raises:
        DataError: nobody did two things; a teacher lacks an item; or torch is not installed.

    Cost: epochs * items in histories * (weights + catalogue * width) * 6 operations.
    """
    ids = tuple(sorted({item for moments in histories.values() for m in moments for item in m}))
    if not any(sum(map(len, moments)) > 1 for moments in histories.values()):
        raise DataError("nobody did two things: there is no next item to learn")
    number = {item: n for n, item in enumerate(ids)}
    places = [teacher.numbers(ids) for teacher in teachers]
    if any((place < 0).any() for place in places):
        raise DataError("a teacher does not know every item: fit it on the same histories")
    if any(teacher.params.length < params.length for teacher in teachers):
        raise DataError("a teacher reads fewer items than its student: give it the same length")
    rng = np.random.default_rng(seed)
    with steady(seed) as torch:
        tensors = _first(torch, len(ids), params)
        taught = [(t.params, _of_model(torch, t, p)) for t, p in zip(teachers, places, strict=True)]
        matrices = [t for t in tensors.values() if t.ndim > 1]
        vectors = [t for t in tensors.values() if t.ndim == 1]
        groups = [
            {"params": matrices, "weight_decay": training.decay},
            {"params": vectors, "weight_decay": 0.0},
        ]
        adam = torch.optim.AdamW(groups, lr=training.rate)
        for epoch in range(training.epochs):
            windows, loud = _windows(histories, number, params.length, votes or {}, rng)
            order = rng.permutation(len(windows))
            total = 0.0
            for at in range(0, len(order), training.batch):
                chosen = order[at : at + training.batch]
                loss = _loss(
                    torch, tensors, params, training, taught, windows[chosen], loud[chosen]
                )
                adam.zero_grad()
                loss.backward()
                adam.step()
                total += float(loss.detach()) * len(chosen)
            if tell is not None:
                tell(epoch + 1, training.epochs, total / len(order))
        arrays = {name: tensor.detach().numpy().copy() for name, tensor in tensors.items()}
    return SequenceModel(params, ids, {n: a[:-1] if n == "items" else a for n, a in arrays.items()})


def states(
    torch: Any, tensors: Mapping[str, Tensor], params: SequenceParams, given: Tensor, dropout: float
) -> list[Tensor]:
    """What each block says at each position; int64[b, l] -> [float32[b, l, d]] a block, normed.

    `given` counts items from 0 and is filled from the left with the number of items, whose row of
    zeros is the last of `items`.
    """
    functional, d, length = torch.nn.functional, params.width, given.shape[1]

    def dropped(x: Tensor) -> Tensor:
        return functional.dropout(x, dropout) if dropout else x

    padded = given == tensors["items"].shape[0] - 1
    x = functional.embedding(given, tensors["items"]) * d**0.5 + tensors["positions"][-length:]
    x = dropped(x)
    blind = torch.ones(length, length, dtype=torch.bool).tril().logical_not()
    blind = blind | padded[:, None, :]
    blind = (blind & ~torch.eye(length, dtype=torch.bool))[:, None]
    found = []
    for block in range(params.blocks):
        a = functional.layer_norm(
            x, (d,), tensors[f"norm1.{block}"], tensors[f"norm1_bias.{block}"], EPSILON
        )
        query, key, value = (
            (a @ tensors[f"{name}.{block}"]).unflatten(-1, (params.heads, -1)).transpose(1, 2)
            for name in ("query", "key", "value")
        )
        reach = query @ key.transpose(-1, -2) / (d / params.heads) ** 0.5
        share = dropped(reach.masked_fill(blind, float("-inf")).softmax(-1))
        used = (share @ value).transpose(1, 2).flatten(-2)
        x = x + dropped(used @ tensors[f"out.{block}"])
        told = functional.layer_norm(
            x, (d,), tensors[f"norm2.{block}"], tensors[f"norm2_bias.{block}"], EPSILON
        )
        up = dropped(torch.relu(told @ tensors[f"up.{block}"] + tensors[f"up_bias.{block}"]))
        x = x + dropped(up @ tensors[f"down.{block}"] + tensors[f"down_bias.{block}"])
        found.append(functional.layer_norm(x, (d,), tensors["norm"], tensors["norm_bias"], EPSILON))
    return found


def _loss(
    torch: Any,
    tensors: Mapping[str, Tensor],
    params: SequenceParams,
    training: SequenceTraining,
    teachers: Sequence[tuple[SequenceParams, Mapping[str, Tensor]]],
    windows: npt.NDArray[np.int64],
    loud: npt.NDArray[np.float32],
) -> Tensor:
    nothing = tensors["items"].shape[0] - 1
    given, wanted = torch.from_numpy(windows[:, :-1]), torch.from_numpy(windows[:, 1:])
    known = (given != nothing) & (wanted != nothing)
    weight = torch.from_numpy(loud)[:, None].expand_as(known)[known]
    weight = weight / weight.sum().clamp_min(1e-9)
    exits = states(torch, tensors, params, given, training.dropout)
    catalogue = tensors["items"][:-1].T
    total = torch.zeros(())
    for place, state in enumerate(exits):
        last = place == len(exits) - 1
        if not last and not training.exits:
            continue
        if 0 < training.negatives < nothing:
            each = _sampled(torch, state[known], tensors["items"], wanted[known], training)
        else:
            logits = state[known] @ catalogue
            each = torch.nn.functional.cross_entropy(logits, wanted[known], reduction="none")
        if last and teachers and training.kd:
            with torch.no_grad():
                said = sum(
                    states(torch, held, size, given, 0.0)[-1][known] @ held["items"][:-1].T
                    for size, held in teachers
                ) / len(teachers)
            each = each + training.kd * top_logits(
                state[known] @ catalogue, said, top=training.top, temperature=training.temperature
            )
        total = total + (1.0 if last else training.exits) * (weight * each).sum()
    return total


def _sampled(
    torch: Any, state: Tensor, items: Tensor, wanted: Tensor, training: SequenceTraining
) -> Tensor:
    """Cross-entropy against items drawn evenly, each for (all others / drawn) of its kind."""
    count = items.shape[0] - 1
    drawn = torch.randint(count, (training.negatives,))
    others = state @ items[drawn].T + float(np.log((count - 1) / training.negatives))
    others = others.masked_fill(drawn[None] == wanted[:, None], float("-inf"))
    right = (state * torch.nn.functional.embedding(wanted, items)).sum(-1, keepdim=True)
    return torch.cat([right, others], -1).logsumexp(-1) - right[:, 0]


def _first(torch: Any, items: int, params: SequenceParams) -> dict[str, Tensor]:
    """First weights: norms 1, biases 0, all else small and random; one item more, of zeros."""
    found = {"items": torch.randn(items + 1, params.width) / params.width}
    found["items"][-1] = 0
    for name, shape in params.shapes.items():
        if len(shape) == 1:
            norm = name.startswith("norm") and "bias" not in name
            found[name] = torch.ones(shape) if norm else torch.zeros(shape)
        elif name == "positions":
            found[name] = torch.randn(shape) / params.width**0.5
        else:
            found[name] = torch.randn(shape) / params.width**0.5
    return {name: tensor.requires_grad_() for name, tensor in found.items()}


def _of_model(torch: Any, model: SequenceModel, places: npt.NDArray[np.int64]) -> dict[str, Tensor]:
    held = {name: torch.from_numpy(np.array(array)) for name, array in model.arrays.items()}
    nothing = torch.zeros(1, model.params.width)
    return held | {"items": torch.cat([held["items"][torch.from_numpy(places)], nothing])}


def _windows(
    histories: Mapping[str, Moments],
    number: Mapping[ItemId, int],
    length: int,
    votes: Mapping[str, float],
    rng: np.random.Generator,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """int64[w, length + 1], filled from the left; float32[w], how much each counts."""
    rows, loud = [], []
    for person, moments in histories.items():
        items = [number[item] for item in sequence(moments, rng)]
        shift = int(rng.integers(length))
        ends = {len(items)} if len(items) > 1 else set()
        if len(items) > length + 1:
            ends.update(range(len(items) - shift, 1, -length))
        for end in sorted(ends):
            window = items[max(0, end - length - 1) : end]
            rows.append([len(number)] * (length + 1 - len(window)) + window)
            loud.append(float(votes.get(person, 1.0)))
    return np.array(rows, np.int64), np.array(loud, np.float32)
