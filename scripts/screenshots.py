"""Pictures of the status page, with made-up data: for docs/, and to be looked at after a change.

python scripts/screenshots.py OUT      # needs Chromium, and the development extras
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import trio
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.p2p.control.browser import browsing
from tests.p2p.control.devices import FakeDevice
from tests.p2p.control.stage import staged

READY = "!document.getElementById('page').hidden && !document.getElementById('pause').disabled"


async def flowing(shown: FakeDevice) -> None:
    """Let some records come and go, so that the sparkline has something to show."""
    for step in (12, 0, 30, 5, 44, 18, 60, 22):
        now = shown.now
        shown.now = replace(
            now,
            records_received=now.records_received + step,
            records_stored=now.records_stored + step - step // 9,
            records_sent=now.records_sent + step // 4,
        )
        await trio.sleep(1)


def small(path: Path) -> None:
    """The same picture in 96 colours: a third of the bytes, and nobody sees it."""
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(96).save(path, optimize=True)


async def main(out: Path) -> None:
    with tempfile.TemporaryDirectory() as store:
        async with browsing() as page:
            with staged(Path(store) / "empty", busy=False) as (_, url, token):
                await page.look(f"{url}/#token={token}", width=1280, height=800)
                await page.until(READY)
                await page.picture(out / "empty.png")
            with staged(Path(store) / "busy", busy=True) as (shown, url, token):
                await page.look(url, width=1280, height=800)
                await page.until("!document.getElementById('gate').hidden")
                await page.picture(out / "locked.png")
                await page.look(f"{url}/#token={token}", width=1280, height=800)
                await page.until(READY)
                await flowing(shown)
                await page.value("document.querySelector('#list .tools button').click()")
                await page.until("!document.querySelector('#list .why').hidden")
                await page.picture(out / "status-page.png")
                await page.look(url, width=1280, height=800, dark=True)
                await page.until(READY)
                await page.value("document.getElementById('outbox-box').open = true")
                await page.value("document.getElementById('level-3').click()")
                await page.value("document.querySelector('#forget-form button').click()")
                await page.until("!document.getElementById('forget-plan').hidden")
                await page.picture(out / "dark.png")
                await page.look(url, width=390, height=844)
                await page.until(READY)
                await flowing(shown)
                await page.picture(out / "narrow-whole.png")
                await page.picture(out / "status-page-narrow.png", whole=False)
                await page.look(url, width=1280, height=800)
                await page.until(READY)
                await page.value("document.getElementById('trust-peer').value = 'nobody'")
                await page.value("document.querySelector('#trust-form button').click()")
                await page.until("!document.getElementById('trouble').hidden")
                shown.now = replace(shown.now, state="failed: no route", peers=(), neighbours=())
                await page.until("document.getElementById('state').className.includes('failed')")
                await page.picture(out / "error.png", whole=False)
            await page.until("document.getElementById('state').textContent == 'not reachable'")
            await page.picture(out / "gone.png", whole=False)
            sys.stderr.writelines(f"{one}\n" for one in page.complaints)


if __name__ == "__main__":
    pictures = Path(sys.argv[1] if len(sys.argv) > 1 else "build/screenshots")
    pictures.mkdir(parents=True, exist_ok=True)
    trio.run(main, pictures)
    for one in ("status-page.png", "status-page-narrow.png"):
        small(pictures / one)
