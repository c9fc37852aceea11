"""The status page: what its files may do, and how it behaves in a real browser."""

import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
import trio

from p2p.control.static import KINDS
from tests.p2p.control.browser import Page, browsing, chromium
from tests.p2p.control.devices import serving
from tests.p2p.control.raw import Desk, request
from tests.p2p.control.stage import MARKUP, staged

PAGE = files("p2p.control") / "page"
READY = "!document.getElementById('page').hidden && !document.getElementById('pause').disabled"
FILES = sorted(KINDS)


def test_every_file_of_the_page_is_served_and_none_is_left_over() -> None:
    assert sorted(one.name for one in PAGE.iterdir()) == FILES


@pytest.mark.parametrize("name", FILES)
def test_nothing_comes_from_elsewhere_and_nothing_is_inline(name: str) -> None:
    text = (PAGE / name).read_text()
    links = [link for link in re.findall(r"(?:https?:)?//[\w.]+", text) if "w3.org" not in link]
    assert [link for link in links if not link.startswith("// ")] == []
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", text)
    if name.endswith(".html"):
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text)


def test_every_input_of_the_page_has_a_label() -> None:
    text = (PAGE / "index.html").read_text()
    for found in re.finditer(r"<(?:input|select)[^>]*>", text):
        before = text[: found.start()]
        assert before.rfind("<label") > before.rfind("</label"), found[0]
    for landmark in ("<header", "<main", "<footer", 'lang="en"', "<title>", 'role="alert"'):
        assert landmark in text


async def test_the_page_comes_under_a_strict_policy(tmp_path: Path) -> None:
    with serving(tmp_path / "s", socket="x.sock") as (_server, rec):
        for path in ("/", "/page/app.js", "/page/style.css", "/page/icon.svg"):
            answer = await Desk(rec).ask(request(path))
            assert answer.status == 200
            policy = answer.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; script-src 'self';")
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cache-control"] == "no-store"
        assert (await Desk(rec).ask(request("/page/secret.html"))).status == 404


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.skipif(chromium() is None, reason="no Chromium here (apt-get install chromium)")
def test_in_a_browser_the_page_works_and_calls_nobody_else(tmp_path: Path) -> None:
    trio.run(visit, tmp_path)


async def visit(tmp_path: Path) -> None:
    async with browsing() as page:
        with staged(tmp_path / "s", busy=True, strange=MARKUP) as (device, url, token):
            await page.look(f"{url}/#token={token}", width=1280, height=800)
            await page.until(READY)
            assert await page.value("location.hash") == ""  # the token is not left in sight
            await shows_strangers_words_as_text(page)
            await page.value("document.querySelector('#list .tools button').click()")
            await page.until("!document.querySelector('#list .why').hidden")
            device.now = replace(device.now, records_stored=4_242)
            await page.until("document.getElementById('n-stored').textContent.includes('242')")
            await page.value("document.getElementById('pause').click()")
            await page.until("document.getElementById('pause').textContent == 'Resume'")
            assert device.now.state == "paused"
            await page.value("document.getElementById('level-0').click()")
            await page.value("document.getElementById('level-set').click()")
            await page.until("document.querySelector('.level.now input').value == '0'")
            assert (await page.value("fetch('/v1/level').then((a) => a.status)")) == 401
            await page.look(url, width=360, height=740)
            await page.until(READY)  # the tab remembers its token
            assert await page.value("document.documentElement.scrollWidth") <= 360
        outside = [one for one in page.requests if not one.startswith((url, "about:", "data:"))]
        assert outside == []
        assert [one for one in page.complaints if "401" not in one] == []


async def shows_strangers_words_as_text(page: Page) -> None:
    await page.until("document.querySelectorAll('#list li').length > 5")
    titles = await page.value("[...document.querySelectorAll('.title')].map((e) => e.textContent)")
    assert MARKUP in titles
    assert await page.value("document.querySelectorAll('#list img').length") == 0
