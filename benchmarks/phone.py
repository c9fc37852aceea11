"""The app's figures, of a whole process that draws offscreen, with 10,000 items in its catalogue.

    python -m benchmarks.phone [--out FILE]      the table, and JSON for whoever wants it

Two processes, one after the other: without a network, its friends heard before; and with five
peers on loopback, in a process of their own, whose records arrive while it runs. Touches are
synthetic, everything behind them is the app's own. A frame's time is all that is done for it, the
drawing waited for (software GL here), without the sleep that keeps to 30 a second. Linux only.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks.finger import finger
from benchmarks.row import Reading
from benchmarks.stopwatch import busy_s, children_s

ITEMS: Final = 10_000
IDLE_SECONDS: Final = 30.0
SETTLE_SECONDS: Final = 8.0
"""After the first list: screens that were not opened yet are made meanwhile"""
SCROLLED: Final = 120
"""Frames a finger moves, four seconds"""
LIKES: Final = 5
SYNCED_SECONDS: Final = 5.0
"""Without a new record, after the first thousand: what the peers had has arrived"""
MISSED_SECONDS: Final = 3.0
"""After which a finger's touch is taken to have met another row"""
PATIENCE_SECONDS: Final = 20.0
"""For anything the script waits for"""
BEGAN: Final = "WEB3REC_BEGAN"
"""Environment: when this process was started, on the clock that all processes share"""


class Frames:
    """How long each drawn frame of Kivy's loop took, in ms, without its sleep."""

    def __init__(self) -> None:
        from kivy.base import EventLoop
        from kivy.clock import Clock
        from kivy.core.window import Window
        from kivy.graphics.opengl import glFinish

        self.took: list[tuple[float, float]] = []
        """(by the wall, by the processor with all of the process's threads)"""
        self.count = 0
        self.first = self.first_worked = 0.0
        idle, sleep = EventLoop.idle, Clock.idle
        slept = 0.0

        def counted() -> None:
            glFinish()
            self.count += 1
            if self.count == 1:
                self.first, self.first_worked = time.monotonic(), time.process_time()

        def sleeping() -> Any:
            nonlocal slept
            began = time.perf_counter()
            try:
                return sleep()
            finally:
                slept += time.perf_counter() - began

        def timed() -> Any:
            nonlocal slept
            drawn, slept = self.count, 0.0
            began, worked = time.perf_counter(), time.process_time()
            try:
                return idle()
            finally:
                if self.count > drawn:
                    wall = time.perf_counter() - began - slept
                    self.took.append((wall * 1000, (time.process_time() - worked) * 1000))

        Window.bind(on_flip=lambda *_: counted())
        Clock.idle, EventLoop.idle = sleeping, timed

    def since(self, start: int) -> list[tuple[float, float]]:
        """Those from that place on."""
        return self.took[start:]


class Probe:
    """Lives in the app's process, acts like a finger, and measures."""

    def __init__(self, *, networked: bool) -> None:
        self.found: dict[str, Any] = {}
        self._networked = networked
        self._state: Any = None
        self._news = 0
        self._rec: Any = None
        self._script: Iterator[Callable[[], bool] | float] = iter(())

    def opened(self, rec: Any) -> None:
        """The store of the app; only counted."""
        self._rec = rec

    def told(self, state: Any) -> None:
        """Every state that screens are shown; what is new in it is drawn in the next frame."""
        if self._state is None or _shown(state) != _shown(self._state):
            self._news = self._frames.count
        self._state = state

    def watch(self, app: Any) -> None:
        """The app is built and nothing is drawn yet."""
        self._app, self._frames = app, Frames()
        self._script = self._acts()
        self._next(0.0)

    def _next(self, _elapsed: float) -> None:
        """Go on with the script: at the next frame, once something is so, or after so long."""
        from kivy.clock import Clock

        wanted = next(self._script, None)
        if wanted is None:
            self._app.stop()
        elif isinstance(wanted, float):
            Clock.schedule_once(self._next, wanted)
        else:
            until = time.monotonic() + PATIENCE_SECONDS
            Clock.schedule_once(lambda _elapsed: self._look(wanted, until), 0)

    def _look(self, wanted: Callable[[], bool], until: float) -> None:
        from kivy.clock import Clock

        if wanted():
            self._next(0.0)
        elif time.monotonic() > until:
            line = self._script.gi_frame.f_lineno  # type: ignore[attr-defined]
            raise SystemExit(f"not so within {PATIENCE_SECONDS:g} s: line {line}")
        else:
            Clock.schedule_once(lambda _elapsed: self._look(wanted, until), 0)

    # -- the script -----------------------------------------------------------------------------

    def _acts(self) -> Iterator[Callable[[], bool] | float]:
        began, frames, found = float(os.environ[BEGAN]), self._frames, self.found
        yield lambda: frames.count > 0
        found["first frame"] = frames.first - began
        found["first frame worked"] = frames.first_worked
        if self._networked:
            yield from self._synced()
        yield lambda: str(self._state.for_you.phase) == "list"
        yield self._drawn
        found["first list"] = time.monotonic() - began
        yield lambda: self._state.library.total >= ITEMS
        found["rss at rest"] = _memory("VmRSS")
        yield SETTLE_SECONDS
        found["idle"] = yield from self._idle()
        for screen in ("for you", "library"):
            self._app.shell.go(screen)
            yield 0.5
            at = len(frames.took)
            yield from self._scrolled()
            found[f"scrolling {screen}"] = frames.since(at)
        self._app.shell.go("for you")
        yield 0.5
        found["likes"] = yield from self._likes()
        found["all frames"] = list(frames.took)
        found["rss of drawing"] = _drawing_mib()
        found["rss peak"], found["rss steady"] = _memory("VmHWM"), _memory("VmRSS")

    def _drawn(self) -> bool:
        """Whether the last list that was told is drawn."""
        return self._frames.count > self._news

    def _synced(self) -> Iterator[Callable[[], bool] | float]:
        began, held, last = time.monotonic(), 0, time.monotonic()
        while held < 1000 or time.monotonic() - last < SYNCED_SECONDS:
            yield 0.25
            now = self._rec.log.counts()["records"] if self._rec is not None else 0
            if now != held:
                held, last = now, time.monotonic()
            if time.monotonic() - began > 90:
                raise SystemExit(f"the peers' records did not arrive: {held}")
        self.found["records"], self.found["synced"] = held, last - began

    def _idle(self) -> Any:
        spent, began, drawn = time.process_time(), time.monotonic(), self._frames.count
        yield IDLE_SECONDS
        seconds = time.monotonic() - began
        return {
            "cpu": 100 * (time.process_time() - spent) / seconds,
            "frames": (self._frames.count - drawn) / seconds,
        }

    def _scrolled(self) -> Iterator[Callable[[], bool] | float]:
        """A finger that goes up and down, then flings."""
        from kivy.core.window import Window

        width, height = Window.size
        for stroke in range(SCROLLED // 20):
            start, end = (0.25, 0.75) if stroke % 3 else (0.75, 0.25)
            touch = finger(width / 2, height * start)
            touch.touch_down()
            for step in range(1, 20):
                yield lambda: True
                touch.touch_move(width / 2, height * (start + (end - start) * step / 19))
            touch.touch_up()
            yield 0.5  # the fling

    def _likes(self) -> Any:
        """ms from the finger's leaving the heart to the drawn frame of a list that shows it."""

        took: list[float] = []
        while len(took) < LIKES:
            heart, item = self._heart()
            touch = finger(*heart)
            touch.touch_down()
            yield lambda: True
            began = time.perf_counter()
            touch.touch_up()
            yield lambda i=item, b=began: self._liked(i) or time.perf_counter() > b + MISSED_SECONDS
            if self._liked(item):  # else a new list had moved the row from under the finger
                yield self._drawn
                took.append((time.perf_counter() - began) * 1000)
            yield 0.3
        return took

    def _liked(self, item: str) -> bool:
        return any(row.liked for row in self._state.for_you.rows if row.item == item)

    def _heart(self) -> tuple[tuple[float, float], str]:
        """Where the highest empty heart in sight is, in the window, and of which item."""
        from kivy.core.window import Window

        from mobile.screens.for_you_row import ForYouLine

        lines = [w for w in self._app.root.walk() if isinstance(w, ForYouLine)]
        found = []
        for line in lines:
            if line.row is None or line.row.liked:
                continue
            x, y = line.like.to_window(*line.like.center)
            if 0.2 < y / Window.height < 0.75:
                found.append(((x, y), str(line.row.item)))
        return max(found, key=lambda one: one[0][1])


def _drawing_mib() -> float:
    """Resident MiB of what draws without a graphics card, which no phone loads: Mesa and LLVM."""
    kept, total = False, 0
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if "-" in line.partition(" ")[0]:
            kept = any(name in line for name in ("libLLVM", "_dri.so", "libgallium"))
        elif kept and line.startswith("Rss:"):
            total += int(line.split()[1])
    return total / 1024


def _shown(state: Any) -> tuple[bool, tuple[str, ...]]:
    """What of a list certainly changes its picture: that it is there, and hearts."""
    rows = state.for_you.rows
    return bool(rows), tuple(row.item for row in rows if row.liked)


def _memory(name: str) -> float:
    """MiB of this process (VmRSS now, VmHWM at most)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def inside(home: Path, addresses: list[str] | None) -> None:
    """The app's own process."""
    from mobile.libp2p_stubs import install
    from mobile.main import Setup, Window, run
    from mobile.platform_.desktop import Desktop
    from p2p.node import Node
    from p2p.options import NodeOptions

    probe = Probe(networked=addresses is not None)

    def node(rec: Any) -> Any:
        probe.opened(rec)
        install(forced=True)  # as on a phone: what is not there costs no memory
        return Node(rec, NodeOptions(bootstrap=addresses or ()))

    run(
        Setup(
            platform=Desktop(home, services=False),
            make_node=None if addresses is None else node,
            window=Window(size=(412, 915), density=1.0, font_scale=1.0, offscreen=True),
            watch=probe.watch,
            tell=probe.told,
        )
    )
    print(json.dumps(probe.found))


def outside() -> Iterator[Reading]:
    """Both cases, from the start of the process on."""
    from mobile.demo.device import History, lay
    from mobile.demo.neighbours import Neighbours
    from mobile.main import STORE

    with TemporaryDirectory(prefix="web3rec-phone-") as folder:
        alone, linked = Path(folder) / "alone", Path(folder) / "linked"
        lay(alone / STORE, History(heard=True, items=ITEMS))
        yield from _readings("without network", *_measured(alone, None))
        lay(linked / STORE, History(items=ITEMS))
        with Neighbours() as others:
            addresses = others.wait(60.0)
            yield from _readings("with five peers", *_measured(linked, addresses))


def _measured(home: Path, addresses: tuple[str, ...] | None) -> tuple[dict[str, Any], float, float]:
    load, began, busy, ours = os.getloadavg()[0], time.monotonic(), busy_s(), children_s()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.phone", "--inside", str(home), json.dumps(addresses)],
        env=os.environ | {BEGAN: repr(time.monotonic())},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=240,
    )
    spent = children_s() - ours
    others = (busy_s() - busy - spent) / (time.monotonic() - began)
    return json.loads(done.stdout.splitlines()[-1]), load, max(0.0, others)


def _readings(case: str, found: dict[str, Any], load: float, others: float) -> Iterator[Reading]:
    def reading(what: str, value: float, unit: str, at_most: float | None = None) -> Reading:
        return replace(
            Reading(case=case, what=what, value=round(value, 2), unit=unit, at_most=at_most),
            load=round(load, 1),
            others=round(others, 2),
        )

    yield reading("first frame", found["first frame"], "s", 1.5)
    yield reading("first frame", found["first frame worked"], "s cpu")
    after = ", after the sync" if "records" in found else ""
    yield reading(f"first list{after}", found["first list"], "s")
    for screen in ("for you", "library"):
        frames, worked = zip(*found[f"scrolling {screen}"], strict=True)
        yield reading(f"frame scrolling {screen}, median", median(frames), "ms", 16)
        yield reading(f"frame scrolling {screen}, median", median(worked), "ms cpu")
        yield reading(f"frame scrolling {screen}, p95", quantiles(frames, n=20)[-1], "ms")
        yield reading(f"frame scrolling {screen}, worst", max(frames), "ms", 100)
    frames, worked = zip(*found["all frames"][1:], strict=True)
    yield reading("any frame after the first, worst", max(frames), "ms", 100)
    yield reading("any frame after the first, worst", max(worked), "ms cpu")
    yield reading("like to drawn list, median", median(found["likes"]), "ms")
    yield reading("like to drawn list, worst", max(found["likes"]), "ms", 150)
    yield reading("idle processor", found["idle"]["cpu"], "% of a core", 2.5)
    yield reading("idle frames drawn", found["idle"]["frames"], "1/s")
    yield reading("memory at rest", found["rss at rest"], "MiB", 220)
    yield reading("memory, peak", found["rss peak"], "MiB", 220)
    yield reading("memory, in the end", found["rss steady"], "MiB", 220)
    yield reading("memory, in the end, of that Mesa", found["rss of drawing"], "MiB")
    if "records" in found:
        yield reading("records held", found["records"], "")
        yield reading("until all had arrived", found["synced"], "s")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.phone")
    parser.add_argument("--out", type=Path, help="also write JSON here")
    parser.add_argument("--inside", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.inside:
        inside(Path(asked.inside[0]), json.loads(asked.inside[1]))
        return
    readings = []
    for one in outside():
        verdict = {None: "", True: "reached", False: "NOT reached"}[one.reached]
        wanted = "" if one.at_most is None else f"<= {one.at_most:g}"
        print(f"{one.case:16} {one.what:36} {one.value:9.2f} {one.unit:12} {wanted:8} {verdict}")
        readings.append(asdict(one))
    print(f"load {readings[0]['load']}, other processes kept {readings[0]['others']} cores busy")
    if asked.out:
        asked.out.write_text(json.dumps(readings, indent=1))


if __name__ == "__main__":
    main()
