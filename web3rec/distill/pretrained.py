"""A model of `transformers` in a folder: opened offline, from safetensors, running no code of its.

Nothing is fetched: what is not in the folder is an error. Weights are read from safetensors alone,
for a pickle is a program; code that comes with a model is never run. Needs the extra `distill`.
What a model says hangs on every byte of it, so its name is a hash of the files that are read.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from web3rec.errors import DataError, Web3recError

READ: Final = (
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "vocab.txt",
    "merges.txt",
    "tokenizer.model",
    "spiece.model",
    "chat_template.jinja",
    "chat_template.json",
    "model.safetensors.index.json",
)
"""Files beside the weights that decide what a model says."""
_OFFLINE: Final = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY")
_BLOCK: Final = 1 << 20


class ModelFolderError(Web3recError):
    """A folder that holds no model that we open; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Pretrained:
    """A model that is ready to be asked; in evaluation mode, float32, on the processor."""

    fingerprint: str
    """16 hex digits of the sha256 of all that was read"""
    model: Any = field(repr=False)
    tokenizer: Any = field(repr=False)
    longest: int
    """Tokens that it can read at once, as far as it says so; else 1 << 30"""


def causal(path: Path, threads: int = 1) -> Pretrained:
    """Open a language model that continues a text. See `encoding`."""
    return _opened(path, "AutoModelForCausalLM", threads)


def encoding(path: Path, threads: int = 1) -> Pretrained:
    """Open a model that turns a text into vectors, one a token.

    Args:
        path: its folder, as `save_pretrained` writes it.
        threads: of this process, for all that torch does; 1 makes results the same every time.

    Raises:
        ModelFolderError: no such folder, no safetensors in it, damaged, or it wants code of its
            own.
        DataError: the extra `distill` is not installed.

    Cost: reads the weights twice, once for the hash.
    """
    return _opened(path, "AutoModel", threads)


def _opened(path: Path, kind: str, threads: int) -> Pretrained:
    fingerprint = fingerprint_of(path)
    os.environ.update(dict.fromkeys(_OFFLINE, "1"))  # before the import, which reads them
    try:
        import torch  # noqa: PLC0415 - optional, and slow to load
        import transformers  # noqa: PLC0415
    except ImportError:
        raise DataError(
            "a local model needs torch and transformers: install web3rec[distill]",
            where=path.name,
        ) from None
    torch.set_num_threads(threads)
    transformers.utils.logging.disable_progress_bar()  # progress is told by whoever asks
    offline = {"local_files_only": True, "trust_remote_code": False}
    tokenizer = _read(path, lambda: transformers.AutoTokenizer.from_pretrained(path, **offline))
    loader = getattr(transformers, kind)
    model = _read(
        path,
        lambda: loader.from_pretrained(path, use_safetensors=True, **offline).float().eval(),
    )
    bounds = (  # some have places that no token may stand on: the tokenizer's word is the smaller
        getattr(model.config, "max_position_embeddings", None),
        getattr(tokenizer, "model_max_length", None),
    )
    longest = min([1 << 30, *(said for said in bounds if isinstance(said, int) and said > 0)])
    return Pretrained(fingerprint, model, tokenizer, longest)


def fingerprint_of(path: Path) -> str:
    """16 hex digits of the sha256 of the files that are read, by name and content.

    Raises:
        ModelFolderError: no folder, no config.json or no safetensors in it, or it cannot be read.

    Cost: O(bytes), about a second a gigabyte.
    """
    if not (path / "config.json").is_file():
        raise ModelFolderError(
            f"{path} is no folder with a config.json: give a folder that holds a model "
            "(nothing is downloaded)"
        )
    weights = sorted(path.glob("*.safetensors"))
    if not weights:
        raise ModelFolderError(
            f"{path} has no .safetensors: other files of weights can run code and are not read"
        )
    told = hashlib.sha256()
    try:
        for file in [path / name for name in READ] + weights:
            if file.is_file():
                told.update(f"{file.name}\0{file.stat().st_size}\0".encode())
                for block in _blocks(file):
                    told.update(block)
    except OSError as error:
        raise ModelFolderError(f"{path} cannot be read ({error})") from None
    return told.hexdigest()[:16]


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while block := opened.read(_BLOCK):
            yield block


def _read(path: Path, load: Callable[[], Any]) -> Any:
    try:
        return load()
    except Exception as error:  # noqa: BLE001 - a damaged folder fails in any way it likes
        said = str(error).strip().split("\n")[0][:300]
        raise ModelFolderError(
            f"{path} cannot be opened ({type(error).__name__}: {said})"
        ) from None
