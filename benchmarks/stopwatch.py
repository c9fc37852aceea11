"""Time and memory of one thing in one process: CPU milliseconds, and how far the memory grew."""

import gc
import os
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")


def median_ms(call: Callable[[], object], budget_s: float = 2.0, least: int = 3) -> float:
    """Median CPU time of a call in ms: after one that warms up, as often as `budget_s` allows.

    CPU time, because the machine may be busy with other things; a call that takes longer than the
    budget is made once more, and that is its time.
    """
    call()
    gc.collect()
    spent: list[float] = []
    while len(spent) < least or (sum(spent) < budget_s and len(spent) < 1_000):
        began = time.process_time()
        call()
        spent.append(time.process_time() - began)
        if spent[-1] > budget_s:
            break
    return statistics.median(spent) * 1000


def once_ms(call: Callable[[], object]) -> float:
    """CPU time of one call in ms, for what takes too long or works only once."""
    began = time.process_time()
    call()
    return (time.process_time() - began) * 1000


def busy_s() -> float:
    """Processor seconds that all processes of this machine have used (Linux; 0 elsewhere)."""
    try:
        fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    except OSError:
        return 0.0
    user, nice, system, _idle, _waiting, *rest = map(int, fields[:7])
    return (user + nice + system + sum(rest)) / os.sysconf("SC_CLK_TCK")


def children_s() -> float:
    """Processor seconds of this process's children that have ended, and of theirs."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def resident_mb() -> float:
    """This process's resident memory now, in MB (Linux; 0 elsewhere)."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / 1e6
    except OSError:
        return 0.0


def forget_peak() -> None:
    """Let `peak_mb` count from here (Linux; nothing elsewhere)."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def peak_mb() -> float:
    """The most resident memory since `forget_peak`, in MB (Linux; 0 elsewhere)."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM"))
