"""Each row of the capability tables, played by its first release and by the one before."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

import pytest
import tomli_w
from packaging.version import Version

from pytest_indexcache.errors import CapabilityError
from pytest_indexcache.index.wire.gateway import Gateway
from pytest_indexcache.installers.commands.capabilities import Capability
from pytest_indexcache.installers.commands.dialect import Dialect
from pytest_indexcache.installers.provisioning.pythons import scenario_pythons
from pytest_indexcache.installers.provisioning.releases import list_releases
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.plays.results import PlayResult, Verdict
from pytest_indexcache.run.plays.runner import Play, play
from pytest_indexcache.run.plays.transports import on_the_wire
from pytest_indexcache.scenario.loader import loads
from pytest_indexcache.scenario.model import Scenario
from tests.e2e import capability_examples
from tests.e2e.capability_examples import PROOFS

pytestmark = [pytest.mark.capabilities, pytest.mark.usefixtures("releases_can_be_had")]

INSTALLERS: Final = ("uv", "pip", "poetry", "pdm", "nab")
EXAMPLES: Final = {name: getattr(capability_examples, name.upper()) for name in INSTALLERS}


def table_of(installer: str) -> Mapping[str, Capability]:
    """Return the table of capabilities of an installer."""
    module = import_module(f"pytest_indexcache.installers.{installer}.capabilities")
    table: Mapping[str, Capability] = getattr(module, installer.upper())
    return table


def rows() -> Iterator[tuple[str, str]]:
    """Yield the installer and the name of every row that has an example."""
    for installer in INSTALLERS:
        yield from ((installer, name) for name in EXAMPLES[installer])


PlayRow = Callable[[str, str, Version], PlayResult]


@pytest.fixture
def play_row(playing_gateway: Gateway, tmp_path: Path) -> PlayRow:
    """Return a function that plays the example of a row with a release."""

    def play_row(installer: str, name: str, release: Version) -> PlayResult:
        example = EXAMPLES[installer][name]
        scenario = loads(tomli_w.dumps(PROOFS.get((installer, name), example)))
        skip_without_pythons(scenario)
        connect = on_the_wire(playing_gateway, time.time)
        who = create_installer(f"{installer}=={release}")
        return play(Play(scenario, name, who, connect, "wire"), tmp_path / str(release))

    return play_row


def skip_without_pythons(scenario: Scenario) -> None:
    """Skip the test if this machine lacks a Python that the scenario needs."""
    try:
        scenario_pythons(scenario)
    except CapabilityError as error:
        pytest.skip(str(error))


def told(result: PlayResult) -> str:
    """Return a summary of a result for a failed assertion."""
    outputs = "\n".join(step.output for step in result.steps)
    failed = result.failed_step
    checks = [(it.key, it.expected, it.seen) for it in failed.checks] if failed else []
    return f"{result.verdict}: {result.reason}\n{checks}\n{outputs}"


def reason_of(installer: str, name: str, release: Version) -> str | None:
    """Return the reason why a release skips the example of a row, or None if it does not."""
    scenario = loads(tomli_w.dumps(EXAMPLES[installer][name]))
    return create_installer(f"{installer}=={release}").lacks(scenario)


def after(row: Capability, release: Version) -> str:
    """Return the expected end of the reason for a skip."""
    following = row.next_release(release)
    return f": it came with {following}" if following else ""


def release_before(installer: str, first: str) -> Version:
    """Return the newest release before a given release."""
    return max(it.version for it in list_releases(installer) if it.version < Version(first))


def without(installer: str, name: str) -> list[Version]:
    """Return the releases just outside the range of releases that have a capability."""
    row = table_of(installer)[name]
    if row.since is None:
        return [list_releases(installer)[-1].version]
    before = [release_before(installer, row.since)]
    before += [Version(row.gone)] if row.gone else []
    return [*before, *([release_before(installer, row.back)] if row.back else [])]


@pytest.mark.parametrize(("installer", "name"), [*rows()])
def test_first_release_has_it(installer: str, name: str, play_row: PlayRow) -> None:
    """A release that gains a capability, for the first time or again, passes the row's example."""
    row = table_of(installer)[name]
    for release in filter(None, (row.since, row.back)):
        result = play_row(installer, name, Version(release))
        assert result.verdict is Verdict.PASSED, told(result)


@pytest.mark.parametrize(("installer", "name"), [*rows()])
def test_release_before_does_not_have_it(
    installer: str, name: str, play_row: PlayRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release without a capability is skipped with a reason, and does not pass if played."""
    row = table_of(installer)[name]
    demand = Dialect.demand
    together = {it for it, other in table_of(installer).items() if other.since == row.since}

    def demand_others(self: Dialect, capability: str) -> None:
        if capability not in together:
            demand(self, capability)

    for release in without(installer, name):
        reason = reason_of(installer, name, release)
        assert re.search(rf"has no .*{re.escape(after(row, release))}$", reason or ""), reason
        with monkeypatch.context() as patch:
            patch.setattr(Dialect, "demand", demand_others)
            result = play_row(installer, name, release)
        assert result.verdict is not Verdict.PASSED, told(result)
        assert result.steps or result.verdict is not Verdict.SKIPPED, told(result)


def test_every_row_has_an_example() -> None:
    """Each row of a capability table that names a first release has an example."""
    for installer in INSTALLERS:
        table = table_of(installer)
        untried = {name for name, row in table.items() if row.since} - set(EXAMPLES[installer])
        assert (installer, untried) == (installer, set())
        assert set(EXAMPLES[installer]) <= set(table)
