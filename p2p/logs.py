"""What a running node writes down: one event a line, structured, and without ids.

Configured by the command line and by nobody else: modules of ours only ask for their logger.
Whatever is written, also by a library, goes through `redacted` (property D6): a node's log is
read by more people than its store. Titles and ids that an app chose cannot be told from other
words, so no module may log them in the first place.
"""

import json
import logging
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TextIO

from p2p.errors import NodeError

OURS: Final = ("p2p", "web3rec", "trust")
"""Loggers that speak at the chosen level; all others from "warning" on."""
LEVELS: Final = ("debug", "info", "warning", "error")
FORMATS: Final = ("logfmt", "json")
HIDDEN: Final = "<id>"

_BASE58: Final = "[1-9A-HJ-NP-Za-km-z]"
_IDS: Final = re.compile(
    "|".join(
        (
            r"[A-Za-z0-9+/_-]{43}=",  # 32 bytes in base 64
            rf"did:key:{_BASE58}*",
            rf"(?:12D3Koo|16Uiu2|z6Mk){_BASE58}{{8,}}|Qm{_BASE58}{{44}}",  # peer ids, bare keys
            r"[0-9a-fA-F]{32,}",  # record ids, keys, item hashes
            r"""\bb(?:'(?:[^'\\]|\\.){12,}'|"(?:[^"\\]|\\.){12,}")""",  # bytes as Python shows them
        )
    )
)
_USUAL: Final = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
"""What every log record has; the rest is what the caller added with extra=."""
_PRIORITY: Final = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3}
"""Of syslog, as the journal wants it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOptions:
    """What is written down, and how."""

    level: str = "info"
    """The least level of our own lines: "debug", "info", "warning" or "error"."""
    format: str = "logfmt"
    """"logfmt" (at=… level=… event="…") or "json" (an object a line)."""

    def __post_init__(self) -> None:
        for name, allowed in (("level", LEVELS), ("format", FORMATS)):
            if getattr(self, name) not in allowed:
                got = getattr(self, name)
                raise NodeError(f"{name} must be one of {', '.join(allowed)}, got {got!r:.40}")


def redacted(text: str) -> str:
    """The text without anything that looks like a key, a peer id or a record id.

    >>> redacted("dialing /ip4/192.0.2.7/tcp/4001/p2p/12D3KooWGTVFSfJMWuG8iWVqtVB3dUYu")
    'dialing /ip4/192.0.2.7/tcp/4001/p2p/<id>'
    """
    return _IDS.sub(HIDDEN, text)


def log_to(stream: TextIO, options: LogOptions, environ: Mapping[str, str]) -> logging.Handler:
    """Send all loggers to a stream, such as stderr; returns the handler, for who wants it gone."""
    lines = JsonLines() if options.format == "json" else Logfmt(journal=_journal(stream, environ))
    handler = logging.StreamHandler(stream)
    handler.setFormatter(lines)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(options.level.upper())
    return handler


class Logfmt(logging.Formatter):
    """key=value pairs; values with blanks, quotes or control characters are quoted as in JSON."""

    def __init__(self, *, journal: bool = False) -> None:
        """`journal`: begin with the priority that systemd's journal reads off, as in <6>."""
        super().__init__()
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        pairs = " ".join(f"{key}={_quoted(value)}" for key, value in told(record).items())
        return f"<{_PRIORITY.get(record.levelno, 3)}>{pairs}" if self._journal else pairs


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(told(record))


def told(record: logging.LogRecord) -> dict[str, Any]:
    """What a line says: when, how serious, who, what; what was added; what went wrong."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    line: dict[str, Any] = {
        "at": f"{moment}.{int(record.msecs):03d}Z",
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": redacted(_message(record)),
    }
    for key, value in record.__dict__.items():
        if key not in _USUAL:
            plain = isinstance(value, bool | int | float | None)
            line[redacted(key)] = value if plain else redacted(str(value))
    if record.exc_info and record.exc_info[0] is not None:
        line["error"] = redacted(f"{record.exc_info[0].__name__}: {record.exc_info[1]}")
        line["trace"] = redacted(logging.Formatter().formatException(record.exc_info))
    return line


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):  # a library's slip must not cost us the line
        return str(record.msg)


def _quoted(value: object) -> str:
    text = str(value)
    bare = text and text.isprintable() and not set(text) & set(' "=\\')
    return text if bare else json.dumps(text)


def _journal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether the stream goes straight to systemd's journal (systemd.exec(5), JOURNAL_STREAM)."""
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environ.get("JOURNAL_STREAM", "") == f"{found.st_dev}:{found.st_ino}"
