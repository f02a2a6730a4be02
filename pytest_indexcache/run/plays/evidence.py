"""Decide from exits, exchanges and changes whether a play can be judged.

A play can be judged only if it had an observable effect, such as an exchange with an index or a
change to a venv. The harness reports that no index was reached only if there is proof. Proof is a
failed TLS handshake, or the installer's own message about certificates, proxies or hostnames.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from pytest_indexcache.errors import CapabilityError, InstallerError, PlayError
from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.contract.installer import Outcome
from pytest_indexcache.run.plays.results import CheckKind, StepResult
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.model.audience import has_own_words
from pytest_indexcache.scenario.tables.expectation import Expectation
from pytest_indexcache.scenario.tables.steps import Command, InstallerStep, NetworkStep

TRANSPORT_ERROR: Final = re.compile(
    r"invalid peer certificate|certificate verify failed|CERTIFICATE_VERIFY_FAILED|UnknownIssuer|"
    r"unable to get (?:local )?issuer certificate|self[- ]signed certificate|"
    r"was asked for past the proxy, which is refused|"
    r"cannot connect to proxy|tunnel connection failed|unsuccessful tunnel|"
    r"dns error|temporary failure in name resolution|name or service not known|"
    r"failed to lookup address information|getaddrinfo failed|nodename nor servname provided",
    re.IGNORECASE,
)
"""Matches the messages of installers about certificates, proxies and hostnames."""

_CHECK_TRANSPORT: Final = (
    "the release may use its own certificates or bypass the proxy: see its documentation of "
    "SSL_CERT_FILE and HTTPS_PROXY, or play another release"
)
_NOT_STARTED: Final = {126: "a program could not be executed", 127: "a program was not found"}
"""Exit codes for commands that could not be started, with reasons (POSIX.1-2024 XCU 2.8.2)."""
_CHECK_BUILD: Final = (
    "check that the installer, its interpreter and its libraries are there and can be executed"
)
_UNASKED: Final = {
    ExitKind.CRASH: "crashed",
    ExitKind.HANG: "hung",
    ExitKind.LIMIT: "reached a limit",
}


def unasked_exit(result: StepResult, note: str, installer: str) -> str:
    """Describe an unexpected crash, hang or exceeded limit, or return an empty string."""
    if result.exit not in _UNASKED or _has_expected_exit(result):
        return ""
    who = f"{installer} {result.release}".rstrip()
    return f"step {result.number}: {who} {_UNASKED[result.exit]}: {note}"


def _has_expected_exit(result: StepResult) -> bool:
    return all(check.held for check in result.checks if check.kind is CheckKind.EXIT)


def demand_judgeable(
    result: StepResult, outcome: Outcome, step: InstallerStep, scenario: Scenario, installer: str
) -> None:
    """Raise an error if the way in which a step ended does not allow a verdict about caching.

    :raises CapabilityError: if the release does not know options that the scenario uses
    :raises InstallerError: if the installer was killed from outside or did not start, or if it does
        not know options that its adapter uses
    """
    spec = f"{installer} {result.release}".rstrip()
    if result.exit is ExitKind.FAILURE and result.exit_code in _NOT_STARTED:
        why = f"exit code {result.exit_code}: {_NOT_STARTED[result.exit_code]}"
        said = _last_words(result.output)
        text = f"step {result.number} could not be played: {why}{f', {said!r}' if said else ''}"
        raise InstallerError(spec, text, _CHECK_BUILD)
    if result.exit is ExitKind.KILLED:
        hint = "it was killed from outside, or by a limit of the machine: play the scenario again"
        raise InstallerError(spec, f"step {result.number}: {outcome.exit_note}", hint)
    if result.exit is not ExitKind.USAGE or _has_expected_exit(result):
        return
    is_in_own_words = (
        isinstance(step, Command)
        or has_own_words(scenario, installer)
        or _is_about_platform(step, outcome.exit_note)
    )
    text = f"step {result.number}: it does not know its arguments: {outcome.exit_note}"
    raise (CapabilityError if is_in_own_words else InstallerError)(spec, text)


def _is_about_platform(step: InstallerStep, note: str) -> bool:
    """Return whether the installer's message is about the step's ``python_platform``."""
    return isinstance(step, NetworkStep) and f"'{step.python_platform}'" in note


def demand_transport(
    result: StepResult, expect: Expectation, serves: Callable[[str], bool]
) -> None:
    """Raise an error if the installer requested an unknown host, or reached no index.

    ``serves`` returns whether there is an index at the host and port of a URL.

    :raises PlayError: naming the request, or the proof that no index was reached
    """
    wanted = expect.requests
    if isinstance(wanted, dict) and "refused" in wanted:
        return
    refused = [exchange for exchange in result.exchanges if exchange.subject.refused]
    unknown = [exchange for exchange in refused if not serves(exchange.url)]
    if unknown:
        raise PlayError(
            f"step {result.number}: the installer asked for {unknown[0].method} "
            f"{unknown[0].url}, which no index of the scenario serves "
            f"({unknown[0].subject.refused})",
            "give the scenario an index at that URL, or a source that avoids it",
        )
    if result.exit is ExitKind.SUCCESS or len(refused) < len(result.exchanges):
        return
    proof = refused[0].subject.refused if refused else _words_about_transport(result.output)
    if proof:
        raise PlayError(
            f"step {result.number}: the installer reached no index: {proof}", _CHECK_TRANSPORT
        )


def _words_about_transport(output: str) -> str:
    for line in output.splitlines():
        if TRANSPORT_ERROR.search(line):
            return f"it said {line.strip()[:200]!r}"
    return ""


def _said(output: str) -> list[str]:
    """Return the lines that the installer printed, except command lines and blank lines."""
    return [line for line in output.splitlines() if line.strip() and line[:2] != "$ "]


def _last_words(output: str) -> str:
    return "".join(_said(output)[-1:]).strip()[:200]


def _refuses(step: StepResult) -> bool:
    """Return whether a step failed and printed a reason."""
    return not step.succeeded and bool(_said(step.output))


def _shows(step: StepResult) -> bool:
    """Return whether a step printed an expected text or imported an expected value."""
    held = [check for check in step.checks if check.held]
    return any(
        check.kind is CheckKind.IMPORTS
        or (check.kind is CheckKind.OUTPUT and check.field == "contains")
        for check in held
    )


def demand_evidence(steps: Sequence[StepResult], *, has_written: Callable[[], bool]) -> None:
    """Raise an error if the installer did nothing during the whole play.

    A command that succeeds proves nothing: the shell command ``true`` succeeds, too. The following
    count as evidence that the installer did something: an exchange; a change to a venv; a lockfile
    or a build (``has_written``); expected output; an expected imported value; an install after
    which all requirements are met; a failure for which the installer printed a reason.

    :raises PlayError: if there is no evidence
    """
    played = [step for step in steps if step.release]
    if any(step.exchanges or step.added or step.removed for step in played):
        return
    if any(_refuses(step) or _shows(step) for step in played):
        return
    judged = [c for step in played for c in step.checks if c.kind is CheckKind.SATISFIED]
    if (judged and all(check.held for check in judged)) or has_written():
        return
    missing = next((f"; {check.seen}" for check in judged if not check.held), "")
    raise PlayError(
        "the installer did nothing: no step made a request or changed a venv or a lockfile"
        + missing,
        "check that this is the intended installer, and give the scenario a step that has "
        "something to do",
    )
