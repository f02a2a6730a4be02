"""Play each fault with the newest release of each installer, and look at the venv afterwards.

Run ``python docs/measured/play_faults.py [INSTALLER …]``: it writes ``faults.json`` beside this
file, in which the plays of installers that are not named stay. ``docs/measured_tables.py`` makes a
page of it.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from newest_releases import measure

from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.plays.results import StepResult
from pytest_indexcache.run.session import WIRE, PlaySession
from pytest_indexcache.scenario.loader import loads

FILE: Final = Path(__file__).with_name("faults.json")
INSTALLERS: Final = ("reference", "uv", "pip", "poetry", "pdm")
HEALTHY: Final = "healthy"


@dataclass(frozen=True)
class Fault:
    """What goes wrong: the keys of a step ``fail``, of the index, and of the release."""

    fail: str = ""
    index: str = ""
    release: str = ""
    before: str = ""

    def scenario_text(self) -> str:
        """Return a scenario that installs the release in spite of the fault."""
        fail = f"[[steps]]\ndo = 'fail'\nindex = 'index'\n{self.fail}\n" if self.fail else ""
        return f"""
title = "a fault"
[indexes.index]
url = "https://index.example/simple"
server = "pypi"
default = true
{self.index}
[indexes.index.packages.six."1.17.0"]
padding = "64 KiB"
{self.release}
{self.before}
{fail}
[[steps]]
do = "install"
requirements = ["six"]
expect = {{ exit = "any", satisfied = false, requests = {{ total = "any" }} }}
"""


def _fails(kind: str, how: str, times: str = "1", more: str = "") -> Fault:
    times = '"all"' if times == "all" else times
    return Fault(f'kind = "{kind}"\nhow = "{how}"\ntimes = {times}\n{more}')


REPLACED: Final = """\
[[steps]]
do = "replace"
index = "index"
project = "six"
version = "1.17.0"
contents = { padding = "65 KiB" }
"""
NO_METADATA: Final = "metadata = false"
BY_RANGES: Final = 'kind = "wheel"\nhow = "{how}"\ntimes = "all"'

FAULTS: Final[Mapping[str, Fault]] = {
    HEALTHY: Fault(),
    "page: 503 once": _fails("page", "status"),
    "page: 503 each time": _fails("page", "status", "all"),
    "page: 429 once": _fails("page", "status", more="status = 429"),
    "page: 403 each time": _fails("page", "status", "all", "status = 403"),
    "page: 404 each time": _fails("page", "status", "all", "status = 404"),
    "page: reset once": _fails("page", "reset"),
    "page: closed without an answer once": _fails("page", "close"),
    "page: cut once": _fails("page", "cut"),
    "page: cut each time": _fails("page", "cut", "all"),
    "page: a 304 that nobody asked for, once": _fails("page", "not-modified"),
    "page: the old one, with the new file": Fault(
        'kind = "page"\nhow = "stale"\ntimes = "all"', before=REPLACED
    ),
    "metadata: announced and not there": Fault(release="metadata = { missing = true }"),
    "metadata: 503 each time": _fails("metadata", "status", "all"),
    "metadata: cut each time": _fails("metadata", "cut", "all"),
    "metadata: not that of its hash": _fails("metadata", "wrong-hash", "all"),
    "metadata: another version": Fault(release='metadata = { version = "1.18.0" }'),
    "metadata: no metadata at all": Fault(release="metadata = { junk = true }"),
    "wheel: 503 once": _fails("wheel", "status"),
    "wheel: 503 each time": _fails("wheel", "status", "all"),
    "wheel: 404 each time": _fails("wheel", "status", "all", "status = 404"),
    "wheel: reset once": _fails("wheel", "reset"),
    "wheel: closed without an answer once": _fails("wheel", "close"),
    "wheel: cut once": _fails("wheel", "cut", more='after = "40 KiB"'),
    "wheel: cut each time": _fails("wheel", "cut", "all", 'after = "40 KiB"'),
    "wheel: not that of its hash": _fails("wheel", "wrong-hash", "all"),
    "wheel: other bytes, no hash on the page": Fault(
        'kind = "wheel"\nhow = "wrong-hash"\ntimes = "all"', 'hashes = "none"'
    ),
    "wheel: a byte too many": _fails("wheel", "wrong-length", "all"),
    "wheel: a byte too many, no hash on the page": Fault(
        'kind = "wheel"\nhow = "wrong-length"\ntimes = "all"', 'hashes = "none"'
    ),
    "wheel: a 304 that nobody asked for, once": _fails("wheel", "not-modified"),
    "wheel: the old one, with the new page": Fault(
        'kind = "wheel"\nhow = "stale"\ntimes = "all"', before=REPLACED
    ),
    "wheel: the whole for a part": Fault(BY_RANGES.format(how="ignore-range"), NO_METADATA),
    "wheel: the first bytes for a part": Fault(BY_RANGES.format(how="first-range"), NO_METADATA),
    "wheel: more than the part": Fault(BY_RANGES.format(how="long-range"), NO_METADATA),
    "wheel: a part with another Content-Range": Fault(
        BY_RANGES.format(how="wrong-range"), NO_METADATA
    ),
    "wheel: CRC of a file wrong": Fault(release='damage = "bad-crc"'),
    "wheel: RECORD lacks files": Fault(release='damage = "short-record"'),
    "wheel: not a zip": Fault(release='damage = "not-a-zip"'),
}
"""Each fault by the name that the page gives it."""

_OWN: Final = (
    *("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"),
    "indexcache_origin.json",
)


def files_of(root: Path) -> dict[str, str] | None:
    """Return the digests of the files that were installed, None where no distribution is.

    Files that an installer writes of its own, and compiled ones, are left out.
    """
    found = [it for it in root.rglob("six-*.dist-info") if "site-packages" in it.parts]
    if not found:
        return None
    folder = found[0].parent
    wanted = [*folder.glob("six*.py"), *folder.glob("six/**/*"), *found[0].glob("**/*")]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in wanted
        if path.is_file() and path.suffix != ".pyc" and path.name not in _OWN
    }


def record_problems(root: Path) -> Iterator[str]:
    """Yield where RECORD of the installed distribution is wrong, and what it leaves out."""
    for info in root.rglob("six-*.dist-info"):
        if "site-packages" not in info.parts:
            continue
        if not (info / "RECORD").exists():
            yield "RECORD is missing"
            continue
        listed = set()
        for name, digest, _ in csv.reader((info / "RECORD").read_text().splitlines()):
            listed.add(name)
            path = info.parent / name
            if not path.exists():
                yield f"{name} is missing"
            elif digest and digest != _record_digest(path):
                yield f"{name} is not what RECORD says"
        yield from (f"RECORD lacks {name}" for name in (files_of(root) or {}) if name not in listed)


def _record_digest(path: Path) -> str:
    digest = hashlib.sha256(path.read_bytes()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def told(step: StepResult, root: Path, golden: Mapping[str, str] | None) -> dict[str, Any]:
    """Say what came of an install: its exit, its requests, and whether the venv is whole.

    ``golden`` are the files of a healthy install of the same release.
    """
    files = files_of(root)
    problems = list(record_problems(root))
    if files is not None and golden is not None and files != golden:
        odd = sorted({*files.items()} ^ {*golden.items()})
        problems += [f"{name} differs from what the index offers" for name in dict(odd)]
    return {
        "exit": str(step.exit),
        "installed": files is not None,
        "problems": sorted(set(problems)),
        "requests": len(step.exchanges),
    }


def play_faults(spec: str) -> dict[str, Any]:
    """Play each fault with an installer, the healthy install first."""
    golden: dict[str, str] | None = None
    faults: dict[str, Any] = {}
    for title, fault in FAULTS.items():
        with PlaySession() as session, TemporaryDirectory(prefix="indexcache-") as folder:
            root = Path(folder)
            scenario = loads(fault.scenario_text())
            result = session.play(scenario, title, create_installer(spec), WIRE, root)
            if not result.steps:
                raise SystemExit(f"{spec}, {title}: {result.verdict}: {result.reason}")
            # Without a hash, or of a replaced file, other bytes are what was asked for.
            compared = None if fault.before or "none" in fault.index else golden
            faults[title] = told(result.steps[-1], root, compared)
            golden = files_of(root) if title == HEALTHY else golden
    return faults


if __name__ == "__main__":
    measure(FILE, sys.argv[1:] or INSTALLERS, "faults", play_faults)
