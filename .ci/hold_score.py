"""Fail if causes are right in less than 92 % of the cases, or false in any; reads a score's end."""

from __future__ import annotations

import re
import sys
from pathlib import Path

SHARE = 0.92


def main() -> None:
    """Read the counts that stand at the end of a score, and hold them."""
    text = Path(sys.argv[1]).read_text(encoding="utf-8")
    counts = re.search(r"^cases (\d+), .*\bcause (\d+), false (\d+)", text, re.MULTILINE)
    if counts is None:
        sys.exit("the score ended before its counts")
    cases, right, false = map(int, counts.groups())
    if false or right < SHARE * cases:
        sys.exit(f"causes are right in {right} of {cases} cases and false in {false}")


if __name__ == "__main__":
    main()
