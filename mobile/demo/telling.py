"""What the screens show, in short, as JSON lines: for tests and for measuring a running app."""

import json
from collections.abc import Callable
from typing import Any, TextIO

from mobile.viewmodel import State


def short(state: State) -> dict[str, Any]:
    """What a line says."""
    listed = state.for_you
    return {
        "phase": str(listed.phase),
        "rows": len(listed.rows),
        "first": listed.rows[0].item if listed.rows else "",
        "texts": [listed.note, *_texts(state)],
        "liked": [row.item for row in listed.rows if row.liked],
        "why": "" if state.why is None else state.why.item,
        "library": state.library.total,
        "chip": state.chip.text,
        "online": state.chip.online,
        "people": len(state.network.people) + state.network.others,
        "connections": len(state.network.connections),
        "playing": state.player.item,
        "notice": "" if state.notice is None else state.notice.text,
        "failure": state.failure,
    }


def _texts(state: State) -> list[str]:
    """Title, creator and reason of the first row; [] if there is none."""
    return [text for row in state.for_you.rows[:1] for text in (row.title, row.creator, row.why)]


def teller(out: TextIO) -> Callable[[State], None]:
    """Writes a line to `out` for every state that differs, in short, from the one before."""
    last = ""

    def tell(state: State) -> None:
        nonlocal last
        line = json.dumps(short(state))
        if line != last:
            last = line
            out.write(line + "\n")
            out.flush()

    return tell
