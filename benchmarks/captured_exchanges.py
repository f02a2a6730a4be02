"""How many exchanges of ten projects are the same at the captured indexes as at the real ones.

Run it as ``python -m benchmarks.captured_exchanges uv==0.13.9 pip==26.3``, with installer specs.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from pytest_indexcache.drafts.captures.commands import NamedIndex
from pytest_indexcache.errors import IndexcacheError
from pytest_indexcache.installers.contract.installer import InstallerSpec
from pytest_indexcache.run.session import PlaySession
from tests.e2e.captures.capturing_projects import captured
from tests.e2e.captures.ten_projects import COMMANDS, PROJECTS, RealProject, served


def measured(project: RealProject, spec: str, session: PlaySession) -> tuple[int, int, int, str]:
    """Return the number of exchanges, of same ones, of those in the same order, and a remark."""
    name = InstallerSpec.parse(spec).name
    with TemporaryDirectory() as folder, served(project) as origin:
        project.write(Path(folder), origin)
        indexes = [
            NamedIndex(f"{origin}{table['url']}", number == 0, key)
            for number, (key, table) in enumerate(project.indexes.items())
        ]
        given = indexes if name == "pip" else []
        capture = captured(Path(folder), COMMANDS[name], spec, session, indexes=given)
    if "-v" in sys.argv:
        sys.stdout.write(capture.text)
    if capture.comparison is None:
        return 0, 0, 0, capture.reason
    found = capture.comparison
    exits = " ".join(str(step.exit) for step in capture.real.steps)
    lines = [f"{exits}, expectations {'hold' if capture.holds else 'DO NOT HOLD'}"]
    lines += [difference.text for difference in found.differences]
    return found.exchanges, found.same, found.in_order, "\n    ".join(lines)


def main(words: list[str]) -> int:
    """Print a line for each project and installer, and the share of all."""
    specs = [word for word in words if InstallerSpec.parse(word).name in COMMANDS] if words else []
    wanted = [p for p in PROJECTS if p.name in words] or list(PROJECTS)
    total = same = in_order = 0
    with PlaySession() as session:
        for project in wanted:
            for spec in specs:
                try:
                    found = measured(project, spec, session)
                except IndexcacheError as error:
                    found = (0, 0, 0, f"{type(error).__name__}: {error}")
                total, same, in_order = total + found[0], same + found[1], in_order + found[2]
                counts = f"{found[1]}/{found[0]} in order {found[2]}"
                print(f"{project.name:16} {spec:14} {counts}  {found[3]}", flush=True)
    print(f"{same} of {total} the same ({same / max(total, 1):.2%}), {in_order} in the same order")
    return 0


if __name__ == "__main__":
    raise SystemExit(main([word for word in sys.argv[1:] if word != "-v"]))
