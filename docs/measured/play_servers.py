"""Play six situations with each server and the newest release of each installer.

Run ``python docs/measured/play_servers.py [INSTALLER …]``: it writes ``servers.json`` of
``pytest_indexcache/probes/measured``, in which the plays of installers that are not named stay.
``docs/measured_tables.py`` makes a page of it.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from newest_releases import measure

from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.messages import Exchange
from pytest_indexcache.run.plays.results import StepResult, Verdict
from pytest_indexcache.run.session import WIRE, PlaySession
from pytest_indexcache.scenario.loader import loads
from pytest_indexcache.servers import profile_names

FILE: Final = (
    Path(__file__).parents[2] / "pytest_indexcache" / "probes" / "measured" / "servers.json"
)
INSTALLERS: Final = ("uv", "pip", "poetry", "pdm", "nab")
URL: Final = "https://index.example/simple"
LONG_AGO: Final = 'age = "400000000"'  # more than any lifetime that a server sends
INDEX: Final = """
title = "{server}: {part}"
[project]
dependencies = ["six"]
[indexes.index]
url = "{url}"
server = "{server}"
default = true
{headers}
[indexes.index.packages.six]
"1.16.0" = {{ padding = "64 KiB" }}
"1.17.0" = {{ padding = "64 KiB" }}
"""
STALE: Final = f"""\
[indexes.index.headers]
pages = {{ {LONG_AGO} }}
metadata = {{ {LONG_AGO} }}
files = {{ {LONG_AGO} }}
"""
CHANGES: Final = {
    "republished": 'do = "replace"\ncontents = { padding = "65 KiB" }',
    "yanked": 'do = "yank"',
}
PARTS: Final = (
    ("fresh", "again", "republished", "yanked"),
    ("", "stale"),
    ("", "offline"),
)
"""The situations of each play, in order; what is unnamed is not told."""


def scenario_text(server: str, situations: Sequence[str], verb: str) -> str:
    """Return a scenario that goes through the situations, whatever comes of each."""
    headers = STALE if "stale" in situations else ""
    text = INDEX.format(server=server, url=URL, headers=headers, part=situations[-1])
    for number, situation in enumerate(situations):
        if situation in CHANGES:
            text += f"[[steps]]\n{CHANGES[situation]}\nindex = 'index'\nproject = 'six'\n"
            text += "version = '1.17.0'\n"
        text += f"[[steps]]\n{verb.format(number=number)}\n"
        text += "offline = true\n" if situation == "offline" else ""
        text += 'expect = { exit = "any", satisfied = false, requests = { total = "any" } }\n'
    return text


def verb_of(name: str) -> str:
    """Return the step that is played: nab only locks, the others install in a new venv."""
    if name == "nab":
        return 'do = "lock"\nupgrade = true'
    return 'do = "install"\nrequirements = ["six"]\nvenv = "venv-{number}"'


def told(step: StepResult) -> dict[str, Any]:
    """Return what a step asked, got and installed."""
    asked = Counter(map(_asked, step.exchanges))
    return {
        "exit": str(step.exit),
        "asked": dict(sorted(asked.items())),
        "bytes": sum(exchange.sent for exchange in step.exchanges),
        "installed": step.added.get("six"),
    }


def _asked(exchange: Exchange) -> str:
    method = "" if exchange.method == "GET" else f"{exchange.method} "
    return f"{method}{exchange.subject.kind} {exchange.status or 'dropped'}"


def play_server(session: PlaySession, spec: str, server: str) -> dict[str, Any]:
    """Play all situations of a server with an installer."""
    found: dict[str, Any] = {}
    for situations in PARTS:
        scenario = loads(scenario_text(server, situations, verb_of(spec.partition("==")[0])))
        with TemporaryDirectory(prefix="indexcache-") as folder:
            result = session.play(scenario, server, create_installer(spec), WIRE, Path(folder))
        if result.verdict is Verdict.SKIPPED:
            continue
        if result.verdict is Verdict.ERROR:
            raise SystemExit(f"{spec}, {server}: {result.verdict}: {result.reason}")
        played = [step for step in result.steps if step.verb in ("install", "lock")]
        for situation, step in zip(situations, played, strict=True):
            if situation:
                found[situation] = told(step)
    return found


def play_servers(spec: str) -> dict[str, Any]:
    """Play all situations of each server with an installer."""
    with PlaySession() as session:
        return {server: play_server(session, spec, server) for server in profile_names()}


if __name__ == "__main__":
    measure(FILE, sys.argv[1:] or INSTALLERS, "servers", play_servers)
