"""The trace is one hash over all lines in order."""

import hashlib
import io

from hypothesis import given
from hypothesis import strategies as st

from p2p.sim.trace import CHUNK, Trace

LINES = st.lists(st.text("ab c\u00e9", max_size=5), max_size=30)


@given(LINES)
def test_the_hash_is_that_of_the_lines_each_with_its_newline(lines: list[str]) -> None:
    copy = io.StringIO()
    trace = Trace(copy)
    for line in lines:
        trace.note(line)
    text = "".join(f"{line}\n" for line in lines)
    assert trace.digest() == hashlib.sha256(text.encode()).hexdigest()
    assert copy.getvalue() == text
    assert trace.events == len(lines)


def test_when_it_is_looked_at_does_not_matter() -> None:
    one, other = Trace(), Trace()
    for i in range(CHUNK + 10):
        one.note(str(i))
        other.note(str(i))
        if i % 1_000 == 0:
            other.digest()
    assert one.digest() == other.digest()
    assert one.digest() != Trace().digest()
