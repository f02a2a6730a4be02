"""Write the matrix of the README anew, from files that ``indexcache matrix --json`` wrote.

Run ``python docs/matrix_table.py MATRIX.json …`` after ``indexcache record``; a test demands that
the table agrees with what the scenarios record.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from pytest_indexcache.installers.registry import is_listed
from pytest_indexcache.reports.matrix_markdown import matrix_markdown
from pytest_indexcache.run.matrix.files import merge, read_matrix
from pytest_indexcache.run.matrix.results import PlayRecord
from pytest_indexcache.scenario.loader import load_scenario
from pytest_indexcache.scenario.model import Scenario

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "README.md"
MARKED = re.compile(r"<!-- matrix -->\n.*?<!-- end -->", re.DOTALL)


def with_table(page: str, records: Sequence[PlayRecord]) -> str:
    """Return a page with its marked place filled in."""
    table = matrix_markdown(records)
    return MARKED.sub(lambda _: f"<!-- matrix -->\n{table}<!-- end -->", page)


@cache
def _scenario(name: str) -> Scenario:
    return load_scenario(ROOT / name)


def judged(record: PlayRecord) -> PlayRecord:
    """Judge a play by what its scenario records now."""
    name, _, release = record.result.installer.partition("==")
    return record.judged(affected=is_listed(_scenario(record.result.scenario), name, release))


def main(files: Sequence[str]) -> None:
    """Fill in the README, unless files contradict each other."""
    merged = merge([(file, read_matrix(Path(file))) for file in files])
    if merged.conflicts:
        raise SystemExit("\n".join(merged.conflicts))
    records = [judged(record) for record in merged.matrix.records]
    PAGE.write_text(with_table(PAGE.read_text("utf-8"), records), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
