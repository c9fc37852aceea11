"""One line an event, structured; and no id in it, whoever wrote it."""

import base64
import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p.errors import NodeError
from p2p.logs import FORMATS, HIDDEN, OURS, JsonLines, LogOptions, log_to, redacted
from web3rec.records import did_key
from web3rec.records.keys import libp2p_peer_id
from web3rec.types import PeerId

keys = st.binary(min_size=32, max_size=32).map(PeerId)


@contextmanager
def logging_to(options: LogOptions) -> Iterator[io.StringIO]:
    """The whole process logs into a text, and then again as before."""
    stream = io.StringIO()
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in ("", *OURS)}
    handler = log_to(stream, options, {})
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


@given(keys, st.sampled_from(["said {}", "{}", "peer={}.", "/ip4/192.0.2.7/tcp/1/p2p/{}"]))
def test_D6_a_key_in_any_spelling_is_hidden(key: PeerId, around: str) -> None:
    for spelled in (
        did_key(key),
        did_key(key).removeprefix("did:key:"),
        libp2p_peer_id(key),
        key.hex(),
        key.hex().upper(),
        key[:16].hex(),
        base64.b64encode(key).decode(),
        base64.urlsafe_b64encode(key).decode(),
        repr(bytes(key)),
    ):
        line = redacted(around.format(spelled))
        assert line == around.format(HIDDEN), spelled
        assert redacted(line) == line


@pytest.mark.parametrize(
    "line",
    [
        "the network stack broke (OSError: [Errno 98] Address already in use); again in 4 s",
        "dialing /ip4/192.0.2.7/tcp/4001 took 0.25 s",
        '  File "/usr/lib/python3.11/site-packages/some_rather_long_name/module.py", line 3, in f',
        "20000 records, 1763748000000 ms, Query took 5",
    ],
)
def test_other_words_stay_as_they_are(line: str) -> None:
    assert redacted(line) == line


@pytest.mark.parametrize("form", FORMATS)
def test_D6_even_what_a_library_logs_is_redacted(form: str) -> None:
    key = PeerId(bytes(range(32)))
    spelled = [did_key(key), libp2p_peer_id(key), key.hex()]
    with logging_to(LogOptions(format=form)) as stream:
        stranger = logging.getLogger("some.library")
        stranger.warning("lost %s", libp2p_peer_id(key), extra={"who": did_key(key)})
        try:
            bytes.fromhex(did_key(key))
        except ValueError:
            stranger.exception("cannot read %s", key.hex())
        try:
            dict[str, int]()[key.hex()]
        except KeyError:
            stranger.exception("cannot parse %r", bytes(key))
    text = stream.getvalue()
    assert len(text.splitlines()) == 3
    assert not [one for one in spelled if one in text]
    assert text.count(HIDDEN) >= 5
    assert "Traceback" in text


def test_ours_speak_from_the_chosen_level_on_and_others_from_warning_on() -> None:
    with logging_to(LogOptions(level="debug", format="json")) as stream:
        logging.getLogger("p2p.node").debug("a")
        logging.getLogger("web3rec.store").info("b")
        logging.getLogger("zeroconf").info("c")
        logging.getLogger("zeroconf").warning("d")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["a", "b", "d"]


def test_a_json_line_holds_when_how_serious_who_what_and_what_was_added() -> None:
    with logging_to(LogOptions(format="json")) as stream:
        logging.getLogger("p2p.x").warning("it\nbroke %d times", 3, extra={"peers": 2, "ok": False})
    line = json.loads(stream.getvalue())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("at"))
    assert line == {
        "level": "warning", "logger": "p2p.x", "event": "it\nbroke 3 times", "peers": 2,
        "ok": False,
    }  # fmt: skip


def test_logfmt_quotes_what_is_not_one_word() -> None:
    with logging_to(LogOptions()) as stream:
        logging.getLogger("p2p.x").info('two "words"\n', extra={"peers": 2, "none": ""})
    line = stream.getvalue().removesuffix("\n").partition(" level")[2]
    assert line == r'=info logger=p2p.x event="two \"words\"\n" peers=2 none=""'


def test_a_librarys_slip_in_a_message_costs_no_line() -> None:
    slip = logging.LogRecord("libp2p", logging.ERROR, "", 0, "%d peers", ("many",), None)
    assert json.loads(JsonLines().format(slip))["event"] == "%d peers"


@pytest.mark.parametrize("wrong", [{"level": "loud"}, {"format": "xml"}])
def test_an_unknown_level_or_format_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(NodeError, match="must be one of"):
        LogOptions(**wrong)
