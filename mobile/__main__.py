"""`python -m mobile`: the app on a desktop, with a data set's history and friends on loopback."""

import argparse
import os
import sys
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from mobile import screenshots
from mobile.demo.device import History, lay
from mobile.demo.neighbours import Neighbours
from mobile.demo.telling import teller
from mobile.main import Setup, Window, run
from mobile.platform_.desktop import Desktop, control_file
from mobile.viewmodel import Scheme
from p2p.node import Node
from p2p.options import NodeOptions
from web3rec.recommender import Recommender


def main() -> None:
    """Show the app until its window is closed, or draw its pictures."""
    parser = _parser()
    chosen = parser.parse_args()
    if chosen.screenshots is not None:
        for path in screenshots.draw_all(chosen.screenshots, screenshots.everything()):
            sys.stdout.write(f"{path}\n")
        return
    if not (chosen.offscreen or _has_display()):
        parser.error("there is no display here; --screenshots DIR draws every screen into files")
    with ExitStack() as ending:
        home = chosen.store or Path(
            ending.enter_context(tempfile.TemporaryDirectory(prefix="web3rec-app-"))
        )
        neighbours = None if chosen.offline else ending.enter_context(Neighbours())
        history = History(cold=chosen.cold, heard=chosen.offline, items=chosen.items)
        run(
            Setup(
                platform=Desktop(home, control=control_file()),
                prepare=partial(lay, history=history),
                make_node=None if neighbours is None else partial(_node, neighbours),
                window=Window(
                    size=chosen.size,
                    density=chosen.density,
                    font_scale=chosen.font_scale,
                    offscreen=chosen.offscreen,
                ),
                scheme=chosen.scheme,
                seconds=chosen.seconds,
                tell=teller(sys.stdout) if chosen.tell else None,
            )
        )


def _node(neighbours: Neighbours, rec: Recommender) -> Node:
    node = Node(rec, NodeOptions(bootstrap=neighbours.addresses))
    neighbours.meet(node)
    return node


def _has_display() -> bool:
    """Whether a window can be seen by anybody; only Linux may have none."""
    named = {"DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"} & set(os.environ)
    return sys.platform != "linux" or bool(named)


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mobile",
        description="The app, as one person of MovieLens (latest-small) whose friends are five "
        "nodes on loopback, in a process of their own.",
    )
    add = parser.add_argument
    add("--store", type=Path, metavar="DIR", help="keep the device here; else it is removed")
    add("--cold", action="store_true", help="a device that did nothing yet: it picks tags")
    add("--offline", action="store_true", help="no network; friends were heard before")
    add("--items", type=int, default=0, metavar="N", help="fill the catalogue up to N items")
    schemes = parser.add_mutually_exclusive_group()
    for scheme in (Scheme.LIGHT, Scheme.DARK):
        schemes.add_argument(
            f"--{scheme}", dest="scheme", action="store_const", const=scheme,
            help=f"{scheme} colours, whatever was chosen",
        )  # fmt: skip
    add("--size", type=_size, default=(412, 915), metavar="WxH", help="pixels; 412x915")
    add("--density", type=float, default=1.0, help="pixels of a dp; 1")
    add("--font-scale", type=float, help="how much larger than usual text is; 1")
    add("--offscreen", action="store_true", help="draw into memory")
    add("--seconds", type=float, metavar="S", help="end by itself")
    add("--tell", action="store_true", help="print what the screens show as JSON lines")
    add("--screenshots", type=Path, metavar="DIR", help="draw every screen into DIR and end")
    return parser


if __name__ == "__main__":
    main()
