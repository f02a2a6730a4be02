"""Assemble an exported script from the program and the data of the recorded scenario."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Iterable, Mapping
from textwrap import wrap
from typing import Any, Final
from urllib.parse import urlsplit

import trustme

from pytest_indexcache import __version__
from pytest_indexcache.installers.commands.adapter import CommandAdapter
from pytest_indexcache.installers.commands.dialect import Dialect
from pytest_indexcache.installers.contract.installer import Network
from pytest_indexcache.installers.processes.isolation import FIXED_VARIABLES, network_variables
from pytest_indexcache.printable import printable
from pytest_indexcache.run.plays.evidence import TRANSPORT_ERROR
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.model.pythons import excluded_pythons
from pytest_indexcache.scenario.tables.steps import InstallerStep
from pytest_indexcache.standalone.assembly import program_text
from pytest_indexcache.standalone.exported_steps import ROOT, StepExporter, demand_exportable
from pytest_indexcache.standalone.given_files import Binaries, binary_files, netrc_files
from pytest_indexcache.standalone.known_releases import KnownReleases
from pytest_indexcache.standalone.recordings import Recorder

_DATA_LINE: Final = 'DATA = ""\n'
_PROXY: Final = "http://@PROXY@"


def exported_script(
    scenario: Scenario, installer: CommandAdapter, sentences: Mapping[int, str]
) -> str:
    """Return a script that plays a scenario with an installer.

    ``sentences`` maps the number of each step to a sentence that describes it. The script contains
    the recorded responses, the files, and a server certificate with its private key. The private
    key of the certificate authority is discarded.

    :raises CommandError: if a script cannot play a step or imitate an index
    """
    demand_exportable(scenario)
    recorder = Recorder(scenario, agent=f"{installer.spec.name}/{installer.version}")
    exporter = StepExporter(scenario, installer, recorder)
    steps = exporter.told()
    binaries = binary_files(scenario.local_files, scenario.local_projects)
    requirements = _requirements(recorder, [binaries, *exporter.binaries], exporter.wanted)
    for step in steps:
        step["sentence"] = sentences.get(step["number"], step["do"])
    stages = exporter.stages
    data: dict[str, Any] = {
        "title": scenario.title,
        "issue": scenario.issue or "",
        "installer": installer.spec.name,
        "made_for": f"{installer.spec.name} {installer.version}",
        "made_by": f"pytest-indexcache {__version__}",
        "environment": {**FIXED_VARIABLES, **_network()},
        "root_files": dict(exporter.root_files),
        "files": {**scenario.files, **netrc_files(scenario)},
        "binaries": binaries,
        "signs": exit_signs(installer.dialect_class),
        "excluded_pythons": _excluded_pythons(scenario, installer.spec.name),
        "requirements": requirements,
        "stages": stages,
        "bodies": recorder.bodies,
        "steps": steps,
        **_certificates(_hosts(stages)),
    }
    return _with_data(program_text(_parts_of(steps)), data, _head(data))


def _requirements(
    recorder: Recorder, binaries: Iterable[Binaries], wanted: Iterable[str]
) -> dict[str, Any]:
    """Return the scenario's requirements, each with the versions in the scenario that meet it."""
    known = KnownReleases()
    known.add(recorder.bodies.values())
    for files in binaries:
        known.add(text for text, _, _ in files.values())
    return known.table(wanted)


def exit_signs(dialect: type[Dialect]) -> dict[str, Any]:
    """Return patterns for messages that show how a command of the installer ended."""
    unplayable = (dialect.ignores, dialect.lacks_python, dialect.refuses_python)
    return {
        "crashed": _pattern(dialect.crashed),
        "unknown": _pattern(dialect.not_known),
        "transport": f"(?i){TRANSPORT_ERROR.pattern}",
        "unplayable": [_pattern(pattern) for pattern in unplayable if pattern],
        "crash_codes": sorted(dialect.crash_codes),
    }


def _excluded_pythons(scenario: Scenario, installer: str) -> dict[str, str]:
    """Return the versions of Python that cannot play a scenario, each with the reason."""
    found: dict[str, str] = {}
    for minor in (f"3.{number}" for number in range(8, 20)):

        def version_of(step: InstallerStep, minor: str = minor) -> str:
            return step.python or scenario.python or minor

        for excluded in excluded_pythons(scenario, installer, version_of):
            found.setdefault(minor, f"step {excluded.step} {excluded.problem}")
    return found


def _pattern(pattern: re.Pattern[str]) -> str:
    """Return a regular expression as text, with its MULTILINE flag as ``(?m)``."""
    return f"(?m){pattern.pattern}" if pattern.flags & re.MULTILINE else pattern.pattern


def _parts_of(steps: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Return the names of the optional modules that the steps need."""
    played = [member for step in steps for member in (step, *step.get("members", ()))]
    keys = {key for step in played for key in step["expect"]}
    keeps = any(
        isinstance(line["keeps"], str) for step in played for line in step.get("commands", ())
    )
    needs = {
        "locks": "locked" in keys or keeps or any(step.get("wanted_if_locked") for step in played),
        "requirements": "check" in keys or any("wanted" in step for step in played),
        "imports": "imports" in keys,
    }
    return frozenset(name for name, is_needed in needs.items() if is_needed)


def _hosts(stages: Iterable[Mapping[str, Any]]) -> list[str]:
    urls = (url for stage in stages for url in (*stage["urls"], *stage["missing"]))
    return sorted({urlsplit(url).hostname or "" for url in urls} - {""})


def _network() -> dict[str, str]:
    network = Network(lambda: 0.0, proxy_url=_PROXY, ca_file=ROOT / "ca.pem")
    return network_variables(network)


def _certificates(hosts: list[str]) -> dict[str, str]:
    authority = trustme.CA(organization_name="a throw-away authority of pytest-indexcache")
    leaf = authority.issue_cert(*(hosts or ["localhost"]))  # a scenario may have no index
    chain = b"".join(blob.bytes() for blob in leaf.cert_chain_pems)
    return {
        "ca": authority.cert_pem.bytes().decode("ascii"),
        "certificate": (leaf.private_key_pem.bytes() + chain).decode("ascii"),
    }


def _head(data: Mapping[str, Any]) -> list[str]:
    """Return the beginning of the script's docstring: the title, the steps and the command line."""
    steps = [f"  {step['number']} {step['sentence']}" for step in data["steps"]]
    return [
        f"{data['title']}",
        *([data["issue"]] if data["issue"] else []),
        "",
        f"This script plays it with {data['installer']} (its commands are those of "
        f"{data['made_for']}):",
        *steps,
        "",
        f"    python3 -I SCRIPT --installer /path/to/{data['installer']}",
    ]


def _with_data(program: str, data: Mapping[str, Any], head: list[str]) -> str:
    """Return the program with its data, and with ``head`` at the start of its docstring."""
    text = json.dumps(data, separators=(",", ":"))
    packed = base64.b85encode(zlib.compress(text.encode(), 9)).decode("ascii")
    lines = "".join(f"    {line!r}\n" for line in wrap(packed, 100, break_long_words=True))
    first, _, rest = program.partition('"""')
    rest = rest.partition("\n\n")[2]
    shown = "\n".join(printable(line).replace("\\", "\\\\").replace('"', "'") for line in head)
    before, found, after = rest.partition(_DATA_LINE)
    if not found:
        raise AssertionError("the program has no place for its data")
    return f'{first}"""{shown}\n\n{before}DATA = (\n{lines})\n{after}'
