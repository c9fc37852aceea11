"""The embedding example runs in a window of its own, and does what docs/embedding.md promises."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from web3rec import Event, Recommender

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "kivy_embed" / "main.py"
DRIVEN = """
import json, runpy, sys
from pathlib import Path
example = runpy.run_path(sys.argv[1])
from kivy.clock import Clock
EmbedApp = example["EmbedApp"]
EmbedApp.user_data_dir = property(lambda app: sys.argv[2])
app, seen = EmbedApp(), []
def titles():
    return [row.text.split(chr(10))[0] for row in reversed(app.rows.children)]
def look(_elapsed):
    if not seen and len(titles()) == 5:
        seen.append(titles())
        app.rows.children[-1].dispatch("on_release")
    elif seen and titles() and seen[0][0] not in titles():
        seen.append(titles())
        app.stop()
Clock.schedule_interval(look, 0)
app.run()
print(json.dumps(seen))
"""


@pytest.mark.slow
def test_a_tap_likes_a_title_for_good_and_the_list_goes_on_without_it(tmp_path: Path) -> None:
    pytest.importorskip("kivy", reason="no Kivy for this Python: extra app")
    store = tmp_path / "files"
    env = os.environ | {
        "SDL_VIDEODRIVER": "offscreen", "KIVY_NO_ARGS": "1", "KIVY_NO_FILELOG": "1",
        "KIVY_HOME": str(tmp_path / "kivy"), "KIVY_LOG_MODE": "MIXED", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", DRIVEN, str(EXAMPLE), str(store)],
        env=env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    before, after = json.loads(done.stdout.splitlines()[-1])
    assert len(before) == len(after) == 5
    assert before[0] not in after
    with Recommender.open(store / "web3rec") as rec:
        acts = [(item, event) for item, event, _at, _weight in rec.log.history()]
        items = {item.title: item.id for item in rec.log.items().values()}
    assert acts == [(items[before[0]], Event.LIKE)]
