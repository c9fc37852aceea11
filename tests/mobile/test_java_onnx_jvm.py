"""What pyjnius makes of our calls, on a real Java machine. Skipped where there is none.

`pip install pyjnius` and a JDK (Debian: default-jdk-headless) are what it takes. The classes of
ONNX Runtime are stand-ins of the same names and overloads (tests/mobile/java/ai), which insist on
direct buffers of the machine's byte order and on shapes that fit.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

JAVAC = shutil.which("javac")
HERE = Path(__file__).parent / "java"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(JAVAC is None, reason="no JDK: default-jdk-headless"),
    pytest.mark.skipif(
        importlib.util.find_spec("jnius") is None, reason="no pyjnius: pip install pyjnius"
    ),
]


def test_on_a_real_java_machine_every_call_arrives_and_every_bit_comes_back(
    tmp_path: Path,
) -> None:
    sources = sorted(map(str, (HERE / "ai").rglob("*.java")))
    assert JAVAC is not None
    subprocess.run([JAVAC, "-d", str(tmp_path), *sources], check=True, timeout=120)
    done = subprocess.run(
        [sys.executable, "-m", "tests.mobile.java.on_a_jvm", str(tmp_path)],
        cwd=HERE.parents[2],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
        timeout=120,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, "all of it\n"), done.stderr
