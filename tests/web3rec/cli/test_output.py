"""Output: nothing a stranger wrote is obeyed, columns align, JSON stays JSON."""

import io
import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.web3rec.cli.calls import Place
from web3rec.cli.output import result, table
from web3rec.cli.plain import plain

NASTY = "a\x1b[2J\x07\u202eb\n[bold]c[/bold]"


class Terminal(io.TextIOWrapper):
    """Something that says it is one."""

    def isatty(self) -> bool:
        return True


def terminal() -> Terminal:
    return Terminal(io.BytesIO(), encoding="utf-8", write_through=True)


@given(st.text())
def test_plain_text_is_one_printable_line(text: str) -> None:
    shown = plain(text).replace("\u200c", "").replace("\u200d", "")
    assert shown.isprintable()
    assert plain(plain(text)) == plain(text)


@given(st.text(st.characters(exclude_categories=["C", "Z"])))
def test_plain_text_keeps_what_is_printable(text: str) -> None:
    assert plain(text) == text


def test_a_strangers_title_is_not_obeyed_by_the_terminal(home: Place) -> None:
    home.fine("share", "1")
    home.fine("record", "like", "trk:1", "--title", NASTY)
    out = home.fine("outbox").out
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "[bold]c[/bold]" in out
    (told,) = home.fine("outbox", "--json").objects
    assert told["known_as"] == NASTY
    assert "\u202e" not in home.fine("outbox", "--json").out


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_a_result_is_json_in_any_encoding(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding, write_through=True))
    value = {"title": "Ψ “x” \U000e0001 \x7f", "score": 0.1}
    result(value)
    line = raw.getvalue().decode(encoding)
    assert line.count("\n") == 1
    assert json.loads(line) == value
    assert line.rstrip("\n").isprintable()


def test_columns_align_by_width_on_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    table(("title", "n"), [("日本", "1"), ("abc", "10")], right=("n",))
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["title   n", "日本    1", "abc    10"]
    assert len({cell_len(line) for line in lines}) == 1


def test_on_a_terminal_titles_are_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = terminal()
    monkeypatch.setattr(sys, "stdout", stream)
    table(("title", "n"), [(NASTY, "1")], right=("n",))
    drawn = stream.buffer
    assert isinstance(drawn, io.BytesIO)
    assert "[bold]c[/bold]" in drawn.getvalue().decode()
    assert "\x1b[2J" not in drawn.getvalue().decode()
