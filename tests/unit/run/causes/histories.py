"""Small histories of plays, for which no installer runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.contract.installer import Outcome
from pytest_indexcache.messages import Exchange, Headers, Kind, Subject
from pytest_indexcache.run.causes.explain import causes_of
from pytest_indexcache.run.causes.facts.history import History
from pytest_indexcache.run.plays.checks.step_checks import check_step
from pytest_indexcache.run.plays.records.observation import Observation
from pytest_indexcache.run.plays.records.played_steps import PlayedStep
from pytest_indexcache.run.plays.steps.several import name_of
from pytest_indexcache.run.plays.venvs.distributions import Distribution
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.model.edits import edited
from pytest_indexcache.scenario.tables.expectation import Expectation
from pytest_indexcache.scenario.tables.steps import Edit, Together

PYPI = {"url": "https://pypi.org/simple", "packages": {"foo": {"1.0": {}}}}
INSTALL = {"do": "install", "requirements": ["foo"]}
PUBLISH = {"do": "publish", "index": "pypi", "project": "foo", "version": "2.0"}
REPLACE = {"do": "replace", "index": "pypi", "project": "foo", "version": "1.0"}
REMOVE_VENV = {"do": "remove-venv"}


@dataclass(frozen=True)
class Told:
    """A step of a history with its observation."""

    step: Mapping[str, Any]
    exchanges: Sequence[Exchange] = ()
    before: Mapping[str, str | Distribution] = field(default_factory=dict)
    after: Mapping[str, str | Distribution] = field(default_factory=dict)
    output: str = ""
    exit: ExitKind = ExitKind.SUCCESS
    command: str = ""
    release: str = "1.0"
    lockfile: str | None = None
    locked: Mapping[str, Any] = field(default_factory=dict)
    builds: Mapping[str, int] = field(default_factory=dict)
    imports: Mapping[str, Any] = field(default_factory=dict)


def history(*steps: Told | Mapping[str, Any], **scenario: Any) -> History:
    """Return a history of steps; by default, index ``pypi`` has foo 1.0."""
    told = [step if isinstance(step, Told) else Told(step) for step in steps]
    base = {"title": "t", "indexes": {"pypi": PYPI}, "steps": [dict(one.step) for one in told]}
    now = Scenario.model_validate({**base, **scenario})
    played: list[PlayedStep] = []
    for number, (one, step) in enumerate(zip(told, now.steps, strict=True), 1):
        seen = Observation(
            exit=one.exit,
            output=one.output,
            exchanges=tuple(one.exchanges),
            before=venv(one.before),
            after=venv(one.after),
            lockfile_before=played[-1].lockfile if played else None,
            lockfile_after=one.lockfile,
            locked=one.locked,
            builds=one.builds,
            imports=one.imports,
            index_urls={name: index.url for name, index in now.indexes.items()},
        )
        outcome = Outcome(one.exit, 0, one.command, one.output, release=one.release)
        whole = PlayedStep(number, step, now, seen, outcome, "uv")
        played.append(replace(whole, each=tuple(_begun(whole))))
        if isinstance(step, Edit):
            now = edited(now, step)
    return History(tuple(played))


def _begun(whole: PlayedStep) -> Iterator[PlayedStep]:
    """Yield a step for each of the concurrent commands, with its own exchanges."""
    if isinstance(whole.step, Together):
        for member in whole.step.members:
            name = name_of(member)
            own = tuple(e for e in whole.seen.exchanges if e.by == name)
            seen = replace(whole.seen, exchanges=own)
            yield replace(whole, step=member.step, seen=seen, name=name)


def venv(versions: Mapping[str, str | Distribution]) -> dict[str, Distribution]:
    """Return the contents of a venv with these versions or distributions."""
    return {
        name: Distribution(name, held, Path("nowhere")) if isinstance(held, str) else held
        for name, held in versions.items()
    }


class MarkedDistribution(Distribution):
    """A distribution without files, which has a build marker or a source folder."""

    def __init__(
        self,
        name: str,
        version: str,
        *,
        build: str | None = None,
        url: Mapping[str, Any] | None = None,
        identity: int = 0,
    ) -> None:
        super().__init__(name, version, Path("nowhere"), (identity, 0))
        self.__dict__.update(build=build, direct_url=url)


def causes(of: History, expect: Mapping[str, Any]) -> list[str]:
    """Return the causes of all failed checks at the last step of a history."""
    checks = check_step(Expectation.model_validate(expect), of.seen)
    failed = [check for check in checks if not check.held]
    return [cause for check in failed for cause in causes_of(check, of)]


def page(at: float = 0.0, status: int = 200, project: str = "foo", **fields: str) -> Exchange:
    """Return the exchange of a simple page from the index pypi."""
    return Exchange(
        at=at,
        method="GET",
        url=f"https://pypi.org/simple/{project}/",
        request_headers=Headers(),
        status=status,
        response_headers=_headers(fields),
        sent=9 if status == 200 else 0,
        length=9 if status == 200 else 0,
        subject=Subject(Kind.PAGE, "pypi", project),
    )


def wheel(at: float = 0.0, index: str = "pypi", version: str = "1.0", **fields: str) -> Exchange:
    """Return the exchange of a complete wheel of foo."""
    name = f"foo-{version}-py3-none-any.whl"
    return Exchange(
        at=at,
        method="GET",
        url=f"https://files.example/{name}",
        request_headers=Headers(),
        status=200,
        response_headers=_headers(fields),
        sent=9,
        length=9,
        subject=Subject(Kind.WHEEL, index, "foo", name),
    )


def asked_with(exchange: Exchange, **fields: str) -> Exchange:
    """Return an exchange whose request has these header fields."""
    return replace(exchange, request_headers=_headers(fields))


def _headers(fields: Mapping[str, str]) -> Headers:
    return Headers.of({name.replace("_", "-"): value for name, value in fields.items()})
