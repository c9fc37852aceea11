"""A process on a disk that fails on command: what the tests of durability drive."""

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path

from tests.faults.story import Fate

SOURCE = Path(__file__).with_name("disk.c")
ROOT = Path(__file__).resolve().parents[2]


class Blow(IntEnum):
    """What happens at the chosen call; numbered as in disk.c."""

    NOTHING = 0
    KILL_BEFORE = 1
    KILL_AFTER = 2
    KILL_HALFWAY = 3
    FAIL_ONCE = 4
    FAIL_WRITES_FROM_HERE = 5


@cache
def library() -> Path | None:
    """disk.c compiled; None where there is no C compiler or no /proc."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not Path("/proc/self/fd").is_dir():
        return None
    made = Path(tempfile.mkdtemp(prefix="web3rec-faults-")) / "disk.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", str(made), str(SOURCE), "-ldl"], check=True
    )
    return made


@dataclass
class Rig:
    """Lives lives."""

    process: "subprocess.Popen[str]"

    def life(
        self,
        directory: Path,
        nth: int = 0,
        blow: Blow = Blow.NOTHING,
        *,
        error: int = errno.EIO,
        lose: bool = False,
        go_on: bool = False,
        careless: bool = False,
    ) -> Fate:
        """Live the story in `directory`; the `nth` call to the disk is the chosen one."""
        wish = {
            "directory": str(directory),
            "nth": nth,
            "mode": int(blow),
            "error": error,
            "lose": lose,
            "go_on": go_on,
            "careless": careless,
        }
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(wish) + "\n")
        self.process.stdin.flush()
        return Fate(*json.loads(self.process.stdout.readline()))


@contextmanager
def rig() -> Iterator[Rig]:
    """A process under the failing disk; ends with the context."""
    made = library()
    assert made is not None, "look at library() first"
    environment = os.environ | {"LD_PRELOAD": str(made), "OPENBLAS_NUM_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.story"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment,
    ) as process:
        try:
            yield Rig(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(10)
