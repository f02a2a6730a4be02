"""Plays without evidence about caching: without a request or workspace, or with a full disk."""

# ruff: noqa: ARG002 - the protocol says what methods take
from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pytest_indexcache.installers.contract.caches import CachedEntry, CacheQuery
from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.contract.installer import (
    InstallerSpec,
    LockedPackage,
    Network,
    Outcome,
    Workspace,
)
from pytest_indexcache.installers.reference.adapter import ReferenceAdapter
from pytest_indexcache.run.plays.results import PlayResult, Verdict
from pytest_indexcache.run.session import PlaySession, transports_of
from pytest_indexcache.scenario.loader import loads
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.indexes import Index
from pytest_indexcache.scenario.tables.steps import AnyStep, InstallerVerb

SCENARIO = """\
title = "x"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
six."1.17.0" = {{}}
[[steps]]
do = "install"
requirements = ["six"]
{step}
"""


class Silent:
    """An installer that makes no request and ends with a given exit code."""

    spec = InstallerSpec("silent")
    version = "1.0"
    is_embedded = False

    def __init__(
        self, exit_code: int, output: str = "", kind: ExitKind | None = None, note: str = "a note"
    ) -> None:
        self._exit_code = exit_code
        self._output = output
        self._note = note
        self._kind = kind or (ExitKind.FAILURE if exit_code else ExitKind.SUCCESS)

    def lacks(self, scenario: Scenario) -> str | None:
        """Return no reason to skip: every scenario can be played."""
        return None

    def write_project(self, scenario: Scenario, folder: str, workspace: Workspace) -> None:
        """Write no project file."""

    def play(
        self, step: InstallerVerb, scenario: Scenario, workspace: Workspace, network: Network
    ) -> Outcome:
        """Do nothing."""
        command = "silent install six"
        note = "" if self._kind in (ExitKind.SUCCESS, ExitKind.FAILURE) else self._note
        return Outcome(self._kind, self._exit_code, command, self._output, exit_note=note)

    def lockfile_of(self, step: AnyStep) -> str:
        """Return the name of a lockfile that is never written."""
        return "silent.lock"

    def cached_entries(self, cache: Path, query: CacheQuery) -> Iterable[CachedEntry]:
        """Return no entries: there is no cache."""
        return ()

    def locked(self, folder: Path) -> Mapping[str, tuple[LockedPackage, ...]]:
        """Return no locked releases."""
        return {}


class MakesVenv(Silent):
    """An installer that creates the venv and does not do anything else."""

    def play(
        self, step: InstallerVerb, scenario: Scenario, workspace: Workspace, network: Network
    ) -> Outcome:
        """Write the file that says which Python the venv has."""
        venv = workspace.venv("project", None)
        (venv / "bin").mkdir(parents=True)
        (venv / "bin/python").touch()
        (venv / "pyvenv.cfg").write_text("version_info = 3.12.1.final.0\n", encoding="utf-8")
        return super().play(step, scenario, workspace, network)


class Distrusts(Silent):
    """An installer that does not trust the gateway's certificate, and does not report it."""

    def play(
        self, step: InstallerVerb, scenario: Scenario, workspace: Workspace, network: Network
    ) -> Outcome:
        """Open a tunnel to the index, and break off the handshake."""
        proxy = urlsplit(network.proxy_url or "")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        connection = socket.create_connection((proxy.hostname or "", proxy.port or 0))
        connection.sendall(b"CONNECT pypi.org:443 HTTP/1.1\r\nHost: pypi.org:443\r\n\r\n")
        assert b" 200 " in connection.recv(1024)
        tunnel = context.wrap_socket(
            connection, server_hostname="pypi.org", do_handshake_on_connect=False
        )
        with pytest.raises(ssl.SSLCertVerificationError):
            tunnel.do_handshake()
        with socket.socket(fileno=tunnel.detach()) as plain:
            while plain.recv(1024):  # until the gateway notices and closes the connection
                pass
        return super().play(step, scenario, workspace, network)


@pytest.fixture
def session() -> Iterator[PlaySession]:
    """Open a session, and close it."""
    with PlaySession() as opened:
        yield opened


def play(session: PlaySession, exit_code: int, step: str, folder: Path) -> PlayResult:
    """Play a step with a silent installer."""
    scenario = loads(SCENARIO.format(step=step))
    return session.play(scenario, "x.toml", Silent(exit_code), "wire", folder / "play")


@pytest.mark.parametrize(
    "said",
    [
        "error: invalid peer certificate: UnknownIssuer",
        "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]",
        "[ConnectionError]: indexcache: pypi.org was asked for past the proxy, which is refused",
        "  Caused by: dns error: failed to lookup address information",
    ],
)
@pytest.mark.parametrize("step", ['expect = { exit = "success" }', 'expect = { exit = "failure" }'])
def test_installer_that_says_why_it_reached_no_index_is_an_error(
    session: PlaySession, tmp_path: Path, said: str, step: str
) -> None:
    """If the output explains a transport error, a play is an error, even if it expects failure."""
    scenario = loads(SCENARIO.format(step=step))
    result = session.play(scenario, "x.toml", Silent(1, said), "wire", tmp_path / "play")
    assert result.verdict is Verdict.ERROR
    first, hint = result.reason.splitlines()
    assert first == f"step 1: the installer reached no index: it said {said.strip()!r}"
    assert "certificates" in hint


@pytest.mark.parametrize(
    ("exit_code", "step"),
    [
        (0, "expect = { requests = 'any' }"),
        (0, "expect = { downloads = {} }"),
        (0, 'expect = { exit = "failure" }'),
        (1, 'expect = { exit = "failure" }'),
    ],
    ids=["it was content", "no download was expected", "a failure was expected", "without a word"],
)
def test_installer_that_does_nothing_is_an_error(
    session: PlaySession, tmp_path: Path, exit_code: int, step: str
) -> None:
    """A play without requests, changes or output is an error, and its reason blames no proxy."""
    result = play(session, exit_code, step, tmp_path)
    assert result.verdict is Verdict.ERROR
    assert result.reason.startswith("the installer did nothing: no step made a request or changed")
    assert "proxies" not in result.reason


@pytest.mark.parametrize(
    ("said", "step", "verdict"),
    [
        ("error: six has no hash", 'expect = { exit = "failure", requests = 0 }', Verdict.PASSED),
        ("error: six has no hash", "expect = { downloads = 0 }", Verdict.FAILED),
        ("error: six is lacking", "offline = true\nexpect = { downloads = 0 }", Verdict.FAILED),
        ("error: six is lacking", "offline = true\nexpect = { exit = 'failure' }", Verdict.PASSED),
    ],
)
def test_refusal_in_the_installers_own_words_is_judged(
    session: PlaySession, tmp_path: Path, said: str, step: str, verdict: Verdict
) -> None:
    """If the installer explains its failure, a play is judged even without any request."""
    scenario = loads(SCENARIO.format(step=step))
    result = session.play(scenario, "x.toml", Silent(1, said), "wire", tmp_path / "play")
    assert (result.verdict, result.reason) == (verdict, "")


@pytest.mark.parametrize(
    ("expect", "verdict"),
    [
        ("output.contains = ['built and ran']", Verdict.PASSED),
        ("output.lacks = ['old']", Verdict.ERROR),
    ],
)
def test_expected_output_is_evidence(
    session: PlaySession, tmp_path: Path, expect: str, verdict: Verdict
) -> None:
    """A play without requests is judged if the installer printed output that the step expects."""
    text = SCENARIO.replace('do = "install"\nrequirements = ["six"]', 'do = "lock"')
    scenario = loads(text.format(step=f"expect = {{ {expect} }}"))
    installer = Silent(0, "built and ran")
    result = session.play(scenario, "x.toml", installer, "wire", tmp_path / "play")
    assert result.verdict is verdict


def test_handshake_that_the_installer_breaks_off_is_the_proof(
    session: PlaySession, tmp_path: Path
) -> None:
    """If the TLS handshake fails, the play is an error, with the reason from the gateway."""
    scenario = loads(SCENARIO.format(step='expect = { exit = "failure" }'))
    installer = Distrusts(1, "error: something went wrong")
    result = session.play(scenario, "x.toml", installer, "wire", tmp_path / "play")
    assert result.verdict is Verdict.ERROR
    proof = "step 1: the installer reached no index: the TLS handshake with pypi.org failed: "
    assert result.reason.startswith(proof)


def test_requirement_that_applies_nowhere_is_met_by_doing_nothing(
    session: PlaySession, tmp_path: Path
) -> None:
    """If the marker of the only requirement is false, a play without requests passes."""
    text = SCENARIO.replace('["six"]', """["six; python_version < '3'"]""")
    scenario = loads(text.format(step="expect = { requests = 0 }"))
    result = session.play(scenario, "x.toml", MakesVenv(0), "wire", tmp_path / "play")
    assert result.verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("kind", "expected", "verdict", "reason"),
    [
        (ExitKind.CRASH, "failure", Verdict.FAILED, "step 1: silent 1.0 crashed: a note"),
        (ExitKind.HANG, "failure", Verdict.FAILED, "step 1: silent 1.0 hung: a note"),
        (ExitKind.CRASH, "crash", Verdict.PASSED, ""),
        (ExitKind.HANG, "hang", Verdict.PASSED, ""),
        (ExitKind.USAGE, "usage", Verdict.PASSED, ""),
        (ExitKind.USAGE, "failure", Verdict.ERROR, "silent 1.0: step 1: it does not know its"),
        (ExitKind.LIMIT, "failure", Verdict.FAILED, "step 1: silent 1.0 reached a limit: a note"),
        (ExitKind.LIMIT, "limit", Verdict.PASSED, ""),
        (ExitKind.KILLED, "failure", Verdict.ERROR, "silent 1.0: step 1: a note"),
        (ExitKind.KILLED, "any", Verdict.ERROR, "silent 1.0: step 1: a note"),
        (ExitKind.FAILURE, "crash", Verdict.FAILED, ""),
    ],
)
def test_exit_that_is_no_orderly_failure_is_named_first(
    session: PlaySession,
    tmp_path: Path,
    kind: ExitKind,
    expected: str,
    verdict: Verdict,
    reason: str,
) -> None:
    """A crash, hang, usage error or reached limit does not meet an expected failure."""
    scenario = loads(SCENARIO.format(step=f'expect = {{ exit = "{expected}" }}'))
    installer = Silent(1, "some words", kind)
    result = session.play(scenario, "x.toml", installer, "wire", tmp_path / "play")
    assert result.verdict is verdict
    assert result.reason.startswith(reason)
    assert bool(result.reason) is bool(reason)
    assert [step.exit for step in result.steps] == [kind]


@pytest.mark.parametrize("expected", ["success", "failure", "any"])
@pytest.mark.parametrize(
    ("exit_code", "why"), [(126, "could not be executed"), (127, "was not found")]
)
def test_program_that_does_not_start_is_an_error(
    session: PlaySession, tmp_path: Path, exit_code: int, why: str, expected: str
) -> None:
    """Exit codes 126 and 127 are neither a misbehaviour nor the failure that a step expects."""
    scenario = loads(SCENARIO.format(step=f'expect = {{ exit = "{expected}" }}'))
    installer = Silent(exit_code, "$ silent install six\nlibfoo.so.1: cannot be opened\n")
    result = session.play(scenario, "x.toml", installer, "wire", tmp_path / "play")
    assert result.verdict is Verdict.ERROR
    assert result.reason.splitlines()[0] == (
        f"silent 1.0: step 1 could not be played: exit code {exit_code}: a program {why}, "
        "'libfoo.so.1: cannot be opened'"
    )


@pytest.mark.parametrize(
    ("note", "verdict"),
    [
        ("invalid value 'wasm' for '--python-platform <P>'", Verdict.SKIPPED),
        ("unexpected argument '--python-platform' found", Verdict.ERROR),
    ],
)
def test_platform_that_a_release_does_not_know_is_the_scenarios_word(
    session: PlaySession, tmp_path: Path, note: str, verdict: Verdict
) -> None:
    """A platform unknown to the release skips a play; an unknown platform option is an error."""
    step = 'python-platform = "wasm"\nexpect = { requests = 1 }'
    installer = Silent(2, note, ExitKind.USAGE, note)
    result = session.play(loads(SCENARIO.format(step=step)), "x", installer, "wire", tmp_path / "p")
    assert result.verdict is verdict
    assert result.reason.endswith(note)


def test_a_workspace_that_cannot_be_made_is_an_error(session: PlaySession, tmp_path: Path) -> None:
    """If a workspace cannot be created, the error of the play names the folder and a remedy."""
    (tmp_path / "play").touch()
    result = play(session, 0, "expect = { downloads = 1 }", tmp_path)
    assert result.verdict is Verdict.ERROR
    assert f"the workspace {tmp_path / 'play'} cannot be used" in result.reason
    assert "free disk space" in result.reason


@pytest.mark.parametrize("exit_code", [0, 1])
@pytest.mark.parametrize(
    "said",
    [
        "error: failed to write `x`: No space left\n  on device (os error 28)\n",
        "ERROR: Could not install: [Errno 122] Disk quota exceeded: '/x'\n",
    ],
)
def test_a_disk_that_is_full_is_an_error(
    session: PlaySession, tmp_path: Path, exit_code: int, said: str
) -> None:
    """A full disk makes a play an error, even for an affected installer."""
    scenario = loads(SCENARIO.format(step='expect = { exit = "failure" }'))
    scenario = scenario.model_copy(update={"affected": {"silent": ">=0"}})
    result = session.play(scenario, "x.toml", Silent(exit_code, said), "wire", tmp_path / "play")
    assert result.verdict is Verdict.ERROR
    assert f"step 1: the disk of the workspace {tmp_path / 'play'} is full" in result.reason
    assert "free disk space" in result.reason


@pytest.mark.parametrize("transport", ["inprocess", "wire"])
@pytest.mark.parametrize(
    ("url", "files", "reason"),
    [
        ("https://pypi.org/simple", "", "is at the same host and path"),
        ("https://b.example", "https://files.example.org/", "is another file in index 'pypi'"),
    ],
)
def test_indexes_that_cannot_be_built_are_an_error(
    session: PlaySession, tmp_path: Path, transport: str, url: str, files: str, reason: str
) -> None:
    """If an unchecked scenario has invalid indexes, the verdict is error, without a traceback."""
    scenario = loads(SCENARIO.format(step="expect = { downloads = {} }"))
    table = {"url": url, "packages": {"six": {"1.17.0": {"build": "other"}}}}
    one = scenario.indexes["pypi"].model_copy(update={"files_url": files or None})
    other = Index.model_validate({**table, "files_url": files or None})
    scenario = scenario.model_copy(update={"indexes": {"pypi": one, "other": other}})
    installer = ReferenceAdapter(InstallerSpec("reference"))
    result = session.play(scenario, "x", installer, transport, tmp_path / "play")
    assert (result.verdict, result.steps) == (Verdict.ERROR, ())
    assert reason in result.reason


def test_transports_are_those_that_an_installer_has() -> None:
    """The in-process transport is only for installers that run in this process."""
    reference = ReferenceAdapter(InstallerSpec("reference"))
    assert transports_of(reference, "both") == ("inprocess", "wire")
    assert transports_of(reference, "inprocess") == ("inprocess",)
    assert transports_of(Silent(0), "both") == ("wire",)
    assert transports_of(Silent(0), "inprocess") == ("wire",)


@pytest.mark.parametrize(("transport", "spent"), [("inprocess", 0.0), ("wire", 0.25)])
def test_time_passes_where_a_step_says_so_and_nowhere_else(
    transport: str, spent: float, tmp_path: Path
) -> None:
    """Results show the wait of each step; real time passes only on the wire."""
    steps = """wait = "50 ms"
expect = { downloads = { six = 1 } }
[[steps]]
do = "yank"
index = "pypi"
project = "six"
version = "1.17.0"
wait = "0.2 s"
[[steps]]
do = "install"
requirements = ["six"]
expect = { downloads = {} }"""
    scenario = loads(SCENARIO.format(step=steps))
    with PlaySession() as session:
        installer = ReferenceAdapter(InstallerSpec("reference"))
        result = session.play(scenario, "x", installer, transport, tmp_path)
    assert result.verdict == Verdict.PASSED, result
    assert [step.waited for step in result.steps] == [0.05, 0.2, 0.0]
    assert result.seconds["total"] >= spent
