"""Every screen as a picture: each sample at both phone sizes, in both themes, with large text.

One window a process, so every shape is drawn by a process of its own, offscreen.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, cast

from mobile import startup
from mobile.samples import SAMPLES, SCREENS
from mobile.viewmodel import Scheme, State, Wishes

ROOT: Final = Path(__file__).resolve().parents[1]
FRAMES: Final = 4
"""Drawn before a picture is taken: layout settles in three"""


@dataclass(frozen=True, slots=True)
class Shape:
    """A window."""

    width: int
    """Pixels"""
    height: int
    density: float = 1.0
    """Pixels of a dp"""
    font_scale: float = 1.0

    @property
    def name(self) -> str:
        large = "" if self.font_scale == 1.0 else f"-text{self.font_scale:g}"
        return f"{self.width}x{self.height}{large}"


SMALL: Final = Shape(412, 915)
LARGE_TEXT: Final = Shape(412, 915, 1.0, 1.5)
PHONE: Final = Shape(1080, 2340, 2.625)
PHONE_LARGE_TEXT: Final = Shape(1080, 2340, 2.625, 1.5)
LYING: Final = Shape(915, 412)
PHONE_LYING: Final = Shape(2340, 1080, 2.625)
LAID: Final = ("for you", "network")
"""Samples that are drawn in landscape as well"""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture to be drawn."""

    sample: str
    scheme: Scheme
    shape: Shape
    end: bool = False
    """Scrolled to its end"""

    @property
    def name(self) -> str:
        """Of the file, without its ending."""
        end = "-end" if self.end else ""
        return f"{self.sample.replace(' ', '-')}{end}-{self.scheme}-{self.shape.name}"


def everything() -> list[Picture]:
    """What `--screenshots` draws."""
    upright = (SMALL, PHONE, LARGE_TEXT, PHONE_LARGE_TEXT)
    schemes = (Scheme.LIGHT, Scheme.DARK)
    standing = [Picture(s, c, shape) for shape in upright for c in schemes for s in SAMPLES]
    ends = [
        Picture(s, c, shape, end=True)
        for shape in (SMALL, LARGE_TEXT)
        for c in schemes
        for s in ("network", "privacy", "settings", "why")
    ]
    lying = [Picture(s, c, shape) for shape in (LYING, PHONE_LYING) for c in schemes for s in LAID]
    return standing + ends + lying


def draw_all(directory: Path, pictures: Iterable[Picture]) -> list[Path]:
    """Draw them; returns the files. About two seconds a shape, and a twentieth a picture.

    Raises CalledProcessError: Kivy cannot open a window here; its reason is on stderr.
    """
    wanted = list(pictures)
    directory.mkdir(parents=True, exist_ok=True)
    for shape in dict.fromkeys(picture.shape for picture in wanted):
        mine = [asdict(picture) for picture in wanted if picture.shape == shape]
        subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "mobile.screenshots", str(directory.resolve())],
            input=json.dumps(mine),
            text=True,
            cwd=ROOT,
            check=True,
        )
    return [directory / f"{picture.name}.png" for picture in wanted]


def main() -> None:
    """One shape's process: pictures as JSON on standard input, the directory as argument."""
    asked = json.load(sys.stdin)
    pictures = [
        Picture(**p | {"scheme": Scheme(p["scheme"]), "shape": Shape(**p["shape"])}) for p in asked
    ]
    with tempfile.TemporaryDirectory(prefix="web3rec-pictures-") as home:
        _draw(Path(sys.argv[1]), pictures, Path(home))


class _Deaf:
    """Wishes of a picture."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_args, **_named: None


def _draw(directory: Path, pictures: list[Picture], home: Path) -> None:
    shape = pictures[0].shape
    startup.configure(
        home=home,
        size=(shape.width, shape.height),
        density=shape.density,
        font_scale=shape.font_scale,
        offscreen=True,
        fps=0,
    )
    from kivy.clock import Clock  # noqa: PLC0415 - not before `configure`

    from mobile.app import Web3recApp  # noqa: PLC0415
    from mobile.widgets.look import LOOK  # noqa: PLC0415

    LOOK.motion = False
    app = Web3recApp(cast("Wishes", _Deaf()), State())
    work = _drawn(app, directory, pictures)

    def step(_elapsed: float) -> None:
        if next(work, True):
            app.stop()

    Clock.schedule_interval(step, 0)
    app.run()


def _drawn(app: Any, directory: Path, pictures: list[Picture]) -> Iterator[bool]:
    """Yields False whenever a frame should be drawn."""
    from mobile.widgets import RowList, Scroller  # noqa: PLC0415 - not before `configure`

    for picture in pictures:
        state = SAMPLES[picture.sample]
        app.show(replace(state, settings=replace(state.settings, scheme=picture.scheme)))
        app.shell.go(SCREENS[picture.sample])
        for _ in range(FRAMES):
            yield False
        for page in app.shell.walk():  # pages and sheets
            if isinstance(page, Scroller) and not isinstance(page, RowList):
                page.offset = page.furthest if picture.end else 0.0
        yield False
        _take(directory / f"{picture.name}.png")


def _take(path: Path) -> None:
    """What the window shows, into a file; Kivy's own way needs widths that four divides."""
    from kivy.core.window import Window  # noqa: PLC0415
    from kivy.graphics.opengl import (  # noqa: PLC0415
        GL_RGBA,
        GL_UNSIGNED_BYTE,
        glFinish,
        glReadPixels,
    )
    from kivy.graphics.texture import Texture  # noqa: PLC0415

    Window.dispatch("on_draw")
    glFinish()
    width, height = Window.size
    pixels = glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE)
    texture = Texture.create(size=(width, height), colorfmt="rgba")
    texture.blit_buffer(pixels, colorfmt="rgba", bufferfmt="ubyte")
    texture.save(str(path), flipped=True)


if __name__ == "__main__":
    main()
