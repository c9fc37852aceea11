"""What a fresh interpreter has loaded after some code: as users have it, not as coverage does."""

import os
import subprocess
import sys

UNWATCHED = {name: value for name, value in os.environ.items() if "COVERAGE" not in name}
"""The environment without coverage's variables: under them every process loads sqlite3 and more."""


def loaded_by(code: str) -> set[str]:
    """Top-level names of the modules that are loaded after the code ran."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules, file=sys.stderr)"],
        env=UNWATCHED,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return {name.partition(".")[0] for name in done.stderr.split()}
