"""Put the real output of `make demo` into the README, between its markers.

make demo > demo.out && python scripts/readme_demo.py demo.out
"""

import re
import sys
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"


def main(output: Path) -> None:
    """Replace what stands between the markers: the first list and the closing table."""
    lines = [line.rstrip() for line in output.read_text(encoding="utf-8").splitlines()]
    table = next(n for n, line in enumerate(lines) if line.startswith("Spam slots"))
    second = next(n for n, line in enumerate(lines[1:], 1) if line.startswith("user "))
    accuracy = next(line for line in lines if line.startswith("Held-out items"))
    text = README.read_text(encoding="utf-8")
    parts = {"head": [*lines[:second], "...", accuracy], "tail": lines[table:]}
    for name, shown in parts.items():
        block = "```\n" + "\n".join(shown).rstrip() + "\n```"
        text = re.sub(
            rf"(<!-- demo:{name} -->\n).*?(<!-- /demo:{name} -->)",
            lambda found, block=block: f"{found[1]}{block}\n{found[2]}",
            text,
            flags=re.DOTALL,
        )
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
