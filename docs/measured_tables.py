"""Write docs/headers.md and docs/faults.md anew, from what was measured.

Run ``python docs/measured_tables.py``; a test demands that the pages are as this leaves them.
The scripts in ``docs/measured/`` play, and write the files that this reads.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pytest_indexcache.scenario.tables.fields import human_size

DOCS = Path(__file__).parent
FILES = {
    "servers": DOCS.parent / "pytest_indexcache" / "probes" / "measured" / "servers.json",
    "faults": DOCS / "measured" / "faults.json",
}
INSTALLERS = ("reference", "uv", "pip", "poetry", "pdm", "nab")
SITUATIONS = ("fresh", "again", "stale", "offline", "republished", "yanked")
HEADERS_HEAD = """\
# How installers handle the header fields of an index

Each server of [servers.md](servers.md) was played with the newest release of each installer:
{specs}.
The index has wheels of `six` 1.16.0 and 1.17.0, of 65 KiB each. A cell lists the requests that the
installer sent, and the bytes that the index sent. *304* is a successful revalidation, *206* a part
of a file. An arrow shows that the older release was installed.

| situation | actions |
| --- | --- |
| fresh | `six` is installed, with an empty cache |
| again | after *fresh*, `six` is installed in a second venv |
| stale | the same as *again*, but every response is older than its lifetime (`Age`) |
| offline | the same as *again*, but without the network |
| republished | after *again*, the wheel is replaced by other bytes; then a third venv |
| yanked | after *republished*, 1.17.0 is yanked; then a fourth venv |

If an installer makes no request after the wheel was replaced, it installs the old bytes. If it
makes no request after 1.17.0 was yanked, it installs the yanked release, because its stored page is
fresh. Poetry and PDM install by means of a project, whose lockfile is made first. pip cannot work
offline. nab only locks, so a lock takes the place of each install.

## In short

The table has the requests for the second venv (*again*). *nothing* means that both page and wheel
were reused.
"""
FAULTS_HEAD = """\
# How installers handle faults

Each fault was played with the newest release of each installer, which installed one wheel in an
empty venv:
{specs}.
The venv was checked afterwards: RECORD must list each file with its hash, and each file must be
the one that the index offers.

| outcome | meaning |
| --- | --- |
| installed | success, and the venv is whole |
| refused | the installer failed with a message of its own, and nothing is installed |
| **wrong** | the venv has a distribution whose files differ from RECORD or from the index |
| **silent** | success, and nothing is installed |
| **crash**, **hang** | the installer crashed, or did not end in time |

The number of requests follows in parentheses. If a page has no hash, or if a file was replaced, an
installer cannot detect other bytes. In these cases the files are compared only with RECORD.
"""


def _read(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(FILES[name].read_text("utf-8"))
    return {installer: data[installer] for installer in INSTALLERS if installer in data}


def _specs(data: Mapping[str, Any]) -> str:
    days = sorted({each["day"] for each in data.values()})
    specs = ", ".join(f"`{each['spec']}`" for each in data.values())
    return f"{specs}; {' and '.join(days)}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def asked(told: Mapping[str, Any] | None) -> str:
    """Describe the requests in a situation, and the outcome; a dash if it was not played."""
    if told is None:
        return "-"
    parts = [kind + (f" ×{many}" if many > 1 else "") for kind, many in told["asked"].items()]
    parts.sort(key=lambda part: ("page" not in part, part))
    text = ", ".join(parts) + f"; {human_size(told['bytes'])}" if parts else "nothing"
    if told["exit"] != "success":
        return f"{text}: *{'refused' if told['exit'] == 'failure' else told['exit']}*"
    return text + (f" → {told['installed']}" if told["installed"] == "1.16.0" else "")


def headers_page() -> str:
    """Return docs/headers.md."""
    data = _read("servers")
    names = sorted({server for each in data.values() for server in each["servers"]})
    lines = [HEADERS_HEAD.format(specs=_specs(data)), _row("server", *data)]
    lines.append(_row(*["---"] * (len(data) + 1)))
    for server in names:
        again = [asked(each["servers"][server].get("again")) for each in data.values()]
        lines.append(_row(f"[`{server}`](#{server})", *again))
    for server in names:
        lines += ["", f"## {server}", "", _row("installer", *SITUATIONS)]
        lines.append(_row(*["---"] * (len(SITUATIONS) + 1)))
        for name, each in data.items():
            cells = [asked(each["servers"][server].get(situation)) for situation in SITUATIONS]
            lines.append(_row(name, *cells))
    return "\n".join(lines) + "\n"


def outcome(told: Mapping[str, Any]) -> str:
    """Return the outcome of a fault, in a word, and the number of requests."""
    if told["exit"] not in ("success", "failure"):
        word = f"**{told['exit']}**"
    elif told["problems"]:
        word = "**wrong**"
    elif told["exit"] == "success":
        word = "installed" if told["installed"] else "**silent**"
    else:
        word = "**wrong**" if told["installed"] else "refused"
    return f"{word} ({told['requests']})"


def _problems(data: Mapping[str, Any]) -> Iterator[str]:
    for name, each in data.items():
        for fault, told in each["faults"].items():
            if told["problems"]:
                yield f"- {name}, {fault}: {'; '.join(told['problems'])}"


def faults_page() -> str:
    """Return docs/faults.md."""
    data = _read("faults")
    faults = list(next(iter(data.values()))["faults"])
    lines = [FAULTS_HEAD.format(specs=_specs(data)), _row("fault", *data)]
    lines.append(_row(*["---"] * (len(data) + 1)))
    for fault in faults:
        lines.append(_row(fault, *(outcome(each["faults"][fault]) for each in data.values())))
    problems = list(_problems(data))
    if problems:
        lines += ["", "Mistakes in the venvs:", "", *problems]
    return "\n".join(lines) + "\n"


def pages() -> dict[Path, str]:
    """Return the text of each page that is made of measurements."""
    return {DOCS / "headers.md": headers_page(), DOCS / "faults.md": faults_page()}


if __name__ == "__main__":
    for page, text in pages().items():
        page.write_text(text, encoding="utf-8")
