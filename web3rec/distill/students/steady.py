"""The same bytes twice: torch on one thread, by seed, with nothing left behind.

Torch is imported when a model is trained and not before.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from web3rec.errors import DataError

Tensor = Any
"""A torch.Tensor; torch is optional, so its types are not known to ours."""


def torch_module() -> Any:
    """`torch`.

    Raises:
        DataError: it is not installed.
    """
    try:
        import torch  # noqa: PLC0415 - an extra, and seconds to load
    except ImportError:
        raise DataError("training needs torch: pip install 'web3rec[distill]'") from None
    return torch


@contextmanager
def steady(seed: int) -> Iterator[Any]:
    """Torch while it computes the same every time: one thread, deterministic kernels, this seed.

    Afterwards its threads, its random numbers and its settings are what they were.

    Raises:
        DataError: torch is not installed.
    """
    torch = torch_module()
    threads, strict = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        torch.use_deterministic_algorithms(True)
        try:
            yield torch
        finally:
            torch.set_num_threads(threads)
            torch.use_deterministic_algorithms(strict)
