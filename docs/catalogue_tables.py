"""Write the pages that list the catalogue: scenarios/README.md, docs/matrix.md, rows of the README.

Run ``python docs/catalogue_tables.py``; a test demands that the pages are as this leaves them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pytest_indexcache.scenario.loader import load_scenario
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario_files import scenario_files

ROOT = Path(__file__).parents[1]
CATALOGUE = ROOT / "scenarios"
INSTALLERS = ("uv", "pip", "poetry", "pdm", "nab")
_MARKED = re.compile(r"<!-- telling -->\n.*?<!-- end -->", re.DOTALL)

SUBJECTS = {
    "builds": "Sdists, local projects, and the settings of their builds.",
    "cache-commands": "Clearing, pruning, refreshing and bypassing the cache; damaged entries.",
    "credentials": "Users and passwords, and the statuses 401 and 403.",
    "edges": "A CDN or a proxy that stores answers, between installer and index.",
    "environments": "Distributions that are kept, reinstalled or removed in a venv.",
    "faults": "Error statuses, and answers that are cut, slow or corrupt.",
    "files": "Wheels and sdists: downloads, hashes, ranges, replaced and yanked files.",
    "indexes": "Several indexes: which of them is asked, and which takes precedence.",
    "lockfiles": "The contents of lockfiles, outdated lockfiles, and the changes of an upgrade.",
    "metadata": "Core metadata, and how installers read it without the whole wheel.",
    "nvidia": "The index of NVIDIA.",
    "offline": "Steps that are repeated without a network.",
    "pages": "Simple pages: lifetimes, validators, new releases.",
    "pytorch": "The indexes of PyTorch.",
    "shared-caches": "Two releases of an installer that share a cache.",
    "together": "Commands that run at the same time.",
}
"""What each folder of the catalogue is about."""

TELLING = (
    "pytorch/uv-15303-cpu-wheel-not-cached",
    "pytorch/uv-16368-sync-switches-extras",
    "pytorch/uv-4967-minimal-offline",
    "nvidia/uv-16959-extra-downloaded-again",
    "files/wrong-bytes-are-refused",
    "edges/pytorch-145501-edge-sends-old-wheel",
    "edges/uv-2218-304-of-another-form",
    "environments/uv-16368-path-to-index",
    "pages/new-release-is-seen",
    "pytorch/uv-15425-rocm-with-lockfile",
)
"""The scenarios whose rows the README shows."""


@dataclass(frozen=True)
class Entry:
    """A scenario of the catalogue, with its name: ``pages/new-release-is-seen``."""

    name: str
    scenario: Scenario

    @property
    def folder(self) -> str:
        """The folder, which is the subject."""
        return self.name.partition("/")[0]

    @property
    def report(self) -> str:
        """A link to the report, or nothing."""
        issue = self.scenario.issue
        return f"[{_short(issue)}]({issue})" if issue else ""


def entries() -> list[Entry]:
    """Return the scenarios of the catalogue, by name."""
    return [
        Entry(file.relative_to(CATALOGUE).with_suffix("").as_posix(), load_scenario(file))
        for file in scenario_files(CATALOGUE)
    ]


def by_folder(listed: list[Entry]) -> Iterator[tuple[str, list[Entry]]]:
    """Yield each folder with its scenarios, by name."""
    for folder in sorted({entry.folder for entry in listed}):
        yield folder, [entry for entry in listed if entry.folder == folder]


def _short(url: str) -> str:
    """Name an issue or a pull request as people do: ``uv#15303``; another page by its host."""
    match = re.search(r"/([^/]+)(?:/-)?/(?:issues|pull|discussions|work_items)/(\d+)", url)
    return f"{match[1]}#{match[2]}" if match else url.split("/")[2]


def _escaped(text: str) -> str:
    return re.sub(r"([|_*<>`\[\]])", r"\\\1", text)


def catalogue_page(listed: list[Entry]) -> str:
    """Return scenarios/README.md: a line for each scenario, by subject."""
    lines = [
        "# The catalogue",
        "",
        "Each file is a report, or a control that must pass for the reports to be credible.",
        "`pytest --indexcache-scenarios -k 15303` plays by number;",
        "[docs/matrix.md](../docs/matrix.md) says which releases misbehave, and",
        "[docs/scenario.md](../docs/scenario.md) how such a file is written.",
    ]
    for folder, entries_of_it in by_folder(listed):
        lines += ["", f"## {folder}", "", SUBJECTS[folder], ""]
        lines += ["| scenario | problem | report |", "| --- | --- | --- |"]
        for entry in entries_of_it:
            file = entry.name.removeprefix(f"{folder}/")
            title = _escaped(entry.scenario.title)
            lines.append(f"| [{file}]({entry.name}.toml) | {title} | {entry.report} |")
    return "\n".join(lines) + "\n"


def cell(scenario: Scenario, installer: str) -> str:
    """Say how the releases of an installer behave: which are affected, and which were played."""
    played = scenario.measured.get(installer)
    if played is None:
        return "-"
    links = [
        f"[{word}]({table[installer]})"
        for word, table in (("bug", scenario.bug), ("fixed by", scenario.fixed_by))
        if installer in table
    ]
    verdicts = [
        f"{word} `{table[installer]}`"
        for word, table in (("reproduced", scenario.affected), ("sometimes", scenario.sometimes))
        if installer in table
    ]
    return "<br>".join([*(verdicts or ["passed"]), *links, _escaped(played.partition(";")[0])])


def _table(listed: list[Entry], link: str) -> Iterator[str]:
    yield f"| scenario | {' | '.join(INSTALLERS)} |"
    yield "| --- |" + " --- |" * len(INSTALLERS)
    for entry in listed:
        cells = " | ".join(cell(entry.scenario, name) for name in INSTALLERS)
        yield f"| [{entry.name}]({link}{entry.name}.toml) | {cells} |"


def matrix_page(listed: list[Entry]) -> str:
    """Return docs/matrix.md: what was measured of every scenario."""
    lines = [
        "# The matrix",
        "",
        "These are results of `indexcache matrix`, as recorded in the scenarios. After",
        "*reproduced* are the releases that show the bug of the scenario; *passed* means that no",
        "release of the installer shows it; a dash means that the installer cannot play the",
        "scenario. The last line of a cell has the oldest and the newest played release, and the",
        "number of played releases.",
        "*bug* links to the report of the bug, and *fixed by* to its fix.",
    ]
    for folder, entries_of_it in by_folder(listed):
        rows = _table(entries_of_it, "../scenarios/")
        lines += ["", f"## {folder}", "", *rows]
    return "\n".join(lines) + "\n"


def with_telling_rows(readme: str, listed: list[Entry]) -> str:
    """Return the README with the rows of the most telling scenarios."""
    by_name = {entry.name: entry for entry in listed}
    rows = _table([by_name[name] for name in TELLING], "scenarios/")
    table = "\n".join(["<!-- telling -->", *rows, "<!-- end -->"])
    return _MARKED.sub(lambda _: table, readme)


def pages() -> dict[Path, str]:
    """Return each page that lists the catalogue, as it has to be."""
    listed = entries()
    readme = ROOT / "README.md"
    return {
        CATALOGUE / "README.md": catalogue_page(listed),
        ROOT / "docs" / "matrix.md": matrix_page(listed),
        readme: with_telling_rows(readme.read_text("utf-8"), listed),
    }


if __name__ == "__main__":
    for page, text in pages().items():
        page.write_text(text, encoding="utf-8")
