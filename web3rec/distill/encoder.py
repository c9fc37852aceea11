"""A sentence encoder by path: texts as vectors, for a map (`linear_map`) or for a bundle.

A text's vector is the mean of the vectors of its tokens, brought to length 1. Each is a row of the
cache under the encoder's fingerprint and the text's hash, so a run that is stopped goes on where it
was. Nothing is downloaded or sent (`web3rec.distill.pretrained`).
Source: Reimers & Gurevych, "Sentence-BERT", EMNLP 2019 (mean pooling).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np

from web3rec.distill.cache import Cache
from web3rec.distill.labels import Told, untold
from web3rec.distill.pretrained import Pretrained, encoding
from web3rec.distill.text_vectors import Vector
from web3rec.errors import DataError, ParamError
from web3rec.types import ItemId, Weights

_NOBODY = ""
"""Whose the vectors are: texts of items are nobody's, and forgetting people leaves them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderParams:
    """How texts are read."""

    before: str = ""
    """Put before each text, for encoders that were taught so (`passage: `)."""
    longest: int = 256
    """Tokens of a text that are read; 8 to 8,192, and never more than the encoder can read."""
    batch: int = 32
    """Texts read at once; 1 to 1,024."""

    def __post_init__(self) -> None:
        for name, least, most in (("longest", 8, 8_192), ("batch", 1, 1_024)):
            value = getattr(self, name)
            if type(value) is not int or not least <= value <= most:
                raise ParamError(name, value, f"a whole number from {least} to {most}")


@dataclass(frozen=True)
class Encoder:
    """It turns texts into vectors."""

    name: str
    """Of its folder, for people"""
    params: EncoderParams
    pretrained: Pretrained = field(repr=False)

    @classmethod
    def opened(cls, path: Path, params: EncoderParams | None = None, *, threads: int = 1) -> Self:
        """Open a folder that `save_pretrained` wrote; see `pretrained.encoding`.

        Raises:
            ModelFolderError: there is no encoder in it that we open.
            DataError: the extra `distill` is not installed.
        """
        return cls(path.name, params or EncoderParams(), encoding(path, threads))

    @property
    def id(self) -> str:
        return f"encoder:{self.name}:{self._row}"

    @property
    def _row(self) -> str:
        """Under which name vectors are kept, wherever the folder lies."""
        numbers = self.params
        told = hashlib.sha256(numbers.before.encode(errors="surrogatepass")).hexdigest()[:8]
        return (
            f"{self.pretrained.fingerprint}:tokens{self._longest}:batch{numbers.batch}:before{told}"
        )

    @property
    def _longest(self) -> int:
        return min(self.params.longest, self.pretrained.longest)

    def vectors(
        self, texts: Mapping[ItemId, str], cache: Cache | None = None, told: Told = untold
    ) -> dict[ItemId, Vector]:
        """float32[d] of length 1 for each item with a text.

        Args:
            texts: item -> a stranger's text.
            cache: where to look first, and to keep what was read.
            told: of (done, all) texts.

        Raises:
            DataError: the encoder gives no vectors of tokens, or no numbers.
            CorruptStore: the cache is damaged.

        Cost: some milliseconds a text; texts of like length are read together.
        """
        every = sorted({text for text in texts.values() if text.strip()}, key=lambda t: (len(t), t))
        found: dict[str, Vector] = {}
        for first in range(0, len(every), self.params.batch):
            together = every[first : first + self.params.batch]
            kept = [self._kept(cache, text) for text in together]
            if any(row is None for row in kept):
                kept = list(self._read(together))
                for text, row in zip(together, kept, strict=True):
                    if cache is not None and row is not None:
                        cache.put(self._row, _hash(text), _NOBODY, row)
            for text, row in zip(together, kept, strict=True):
                if row is not None:
                    found[text] = row.astype(np.float32)
            told(first + len(together), len(every))
        return {item: found[text] for item, text in texts.items() if text in found}

    def _kept(self, cache: Cache | None, text: str) -> Weights | None:
        width = getattr(self.pretrained.model.config, "hidden_size", 0)
        return None if cache is None else cache.get(self._row, _hash(text), width)

    def _read(self, texts: list[str]) -> list[Weights]:
        import torch  # noqa: PLC0415 - optional, and slow to load

        tokenizer = self.pretrained.tokenizer
        rows = [
            list(
                tokenizer(self.params.before + text, truncation=True, max_length=self._longest)[
                    "input_ids"
                ]
            )
            for text in texts
        ]
        width = max(1, *(len(row) for row in rows))
        shown = torch.full((len(rows), width), tokenizer.pad_token_id or 0, dtype=torch.long)
        real = torch.zeros((len(rows), width), dtype=torch.long)
        for n, row in enumerate(rows):
            shown[n, : len(row)] = torch.tensor(row, dtype=torch.long)
            real[n, : len(row)] = 1
        with torch.inference_mode():
            answer = self.pretrained.model(input_ids=shown, attention_mask=real)
        tokens = getattr(answer, "last_hidden_state", None)
        if tokens is None or tuple(tokens.shape[:2]) != (len(rows), width):
            raise DataError("it gives no vector for each token: give an encoder", where=self.name)
        share = real.unsqueeze(-1).double()
        mean = (tokens.double() * share).sum(1) / share.sum(1).clamp(min=1)
        length = mean.norm(dim=1, keepdim=True).clamp(min=1e-12)
        found = (mean / length).numpy()
        if not np.isfinite(found).all():
            raise DataError("it gives no numbers: its weights are damaged", where=self.name)
        return list(found)


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()
