"""One measurement in a process of its own: `python -m benchmarks.child CONTENDER GRAPH [trust]`.

Prints one JSON object: ms of a request, ms of getting ready for it, and by how many MB memory grew
from the plain arrays to the peak of both.
"""

import json
import sys
from pathlib import Path

from benchmarks.load import Load
from benchmarks.ours import OURS
from benchmarks.peers import PAGERANK, TRAINED
from benchmarks.stopwatch import forget_peak, median_ms, once_ms, peak_mb, resident_mb

CONTENDERS = {**OURS, **PAGERANK, **TRAINED}


def main(name: str, graph: Path, *, over_trust: bool) -> None:
    load = Load.read(graph, over_trust=over_trust)
    forget_peak()
    before = resident_mb()
    ready = []
    setup_ms = once_ms(lambda: ready.append(CONTENDERS[name](load)))
    ms = median_ms(ready[0])
    found = {"ms": ms, "setup_ms": setup_ms, "rss_mb": max(0.0, peak_mb() - before)}
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), over_trust="trust" in sys.argv[3:])
