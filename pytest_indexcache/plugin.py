"""The pytest plugin: options, hooks and fixtures.

Other modules are imported only when they are needed, because every pytest run imports this one.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_indexcache.fixtures.factories import IndexFactory, WireIndexFactory
    from pytest_indexcache.fixtures.ledger import Ledger
    from pytest_indexcache.fixtures.player import Player
    from pytest_indexcache.fixtures.wheels import WheelFactory
    from pytest_indexcache.installers.contract.installer import Installer

_PLAYER: pytest.StashKey[Player] = pytest.StashKey()
"""The stash key under which a test item keeps the result of the fixture ``play``."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the plugin."""
    group = parser.getgroup("indexcache", "index caching regressions (pytest-indexcache)")
    group.addoption(
        "--indexcache-scenarios",
        action="store_true",
        help="play scenario files: those given as arguments, or the whole catalogue",
    )
    group.addoption(
        "--indexcache-installer",
        action="append",
        metavar="SPEC",
        help="the installer that plays: reference (default), reference:VARIANT, uv (on PATH), "
        "uv==0.8.11, 'uv>=0.8,<0.9' (every release), uv@PATH; or pip, poetry, pdm; may be repeated",
    )
    group.addoption(
        "--indexcache-sample",
        choices=("minor",),
        help="of a range of releases, play only the last patch of each minor release",
    )
    group.addoption(
        "--indexcache-transport",
        choices=("inprocess", "wire", "both"),
        default="inprocess",
        help="how installers reach the fake indexes: within the process (default), or over TLS",
    )
    group.addoption(
        "--indexcache-keep",
        action="store_true",
        help="keep the workspace of every play, not only of those that failed",
    )
    group.addoption(
        "--indexcache-observe",
        choices=("show", "beside", "write"),
        help="play scenario files, and put the observed values into expect of each step: show them "
        "as a diff (show), write NAME.observed.toml beside each file (beside), or change the file "
        "(write); nothing is judged",
    )
    _add_server_options(group)
    _add_containment_options(group)
    _add_gate_options(group)


def _add_containment_options(group: pytest.OptionGroup) -> None:
    """Add the options that limit the rights of scenarios."""
    group.addoption(
        "--indexcache-contained",
        choices=("auto", "require", "off"),
        default="auto",
        help="confine installers to the workspace by the kernel (Linux with Landlock): if it can "
        "(auto, the default), always, and play nothing if it cannot (require), or never (off)",
    )
    group.addoption(
        "--indexcache-trust",
        action="append",
        metavar="FILE",
        help="play FILE (or all scenarios in a folder) with its commands, project files and other "
        "files even if the kernel cannot contain them; may be repeated",
    )


def _add_server_options(group: pytest.OptionGroup) -> None:
    """Add ``--indexcache-upstream``, which lets running servers take the place of fake indexes."""
    group.addoption(
        "--indexcache-upstream",
        action="append",
        metavar="NAME=URL",
        help="forward the requests for the index NAME to a running server at URL, and record them; "
        "may be repeated",
    )


def _add_gate_options(group: pytest.OptionGroup) -> None:
    """Add the options for CI: the baseline, the reports, and which verdicts count as failures."""
    group.addoption(
        "--indexcache-strict",
        action="store_true",
        default=True,
        dest="indexcache_strict",
        help="fail plays that pass although [affected] lists the release, or that are better than "
        "the baseline (default)",
    )
    group.addoption(
        "--indexcache-no-strict",
        action="store_false",
        dest="indexcache_strict",
        help="only warn about plays that pass unexpectedly",
    )
    group.addoption(
        "--indexcache-baseline",
        metavar="FILE",
        help="compare plays with the baseline in FILE (TOML): known failures are xfailed, and "
        "worse results fail",
    )
    group.addoption(
        "--indexcache-write-baseline",
        metavar="FILE",
        help="accept the results: write them to FILE, and keep entries of plays that were not run",
    )
    group.addoption(
        "--indexcache-report",
        action="append",
        metavar="FILE",
        help="write a report, by suffix: .html, .md (for the summary of a CI) or .json; may be "
        "repeated",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the plugin that plays or observes scenarios, if an option requests it."""
    if config.getoption("--indexcache-observe"):
        from pytest_indexcache.observed_files import ObservationPlugin

        config.pluginmanager.register(ObservationPlugin(config), "indexcache-observations")
    elif config.getoption("--indexcache-scenarios"):
        from pytest_indexcache.collection import ScenarioPlugin

        config.pluginmanager.register(ScenarioPlugin(config), "indexcache-scenarios")


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Show exchanges as tables in the message of a failed comparison."""
    tables = [str(side).splitlines() for side in (left, right) if _are_exchanges(side)]
    if not tables:
        return None
    return [f"{left!r} {op} {right!r}", *(line for table in tables for line in ("", *table))]


def _are_exchanges(value: object) -> bool:
    # Comparing the name imports nothing in a run without a ledger.
    return type(value).__module__ == "pytest_indexcache.fixtures.ledger"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Add the ledger, and explanations of failed plays, to the error message of a failing test."""
    try:
        return (yield)
    except (Exception, pytest.fail.Exception) as error:
        seen = getattr(item, "funcargs", {}).get("ledger")
        if _are_exchanges(seen) and seen:
            item.add_report_section("call", "ledger", str(seen))
        player = item.stash.get(_PLAYER, None)
        for text in player.explanations() if player is not None else ():
            error.add_note(f"\n{text}")
        raise


@pytest.fixture
def ledger() -> Ledger:
    """Return the ledger of all exchanges with indexes from ``index_factory`` and ``wire_index``."""
    from pytest_indexcache.fixtures.ledger import Ledger

    return Ledger()


@pytest.fixture
def wheel_factory() -> WheelFactory:
    """Return a function that makes wheels.

    ``wheel_factory("torch", "2.8.0+cpu", requires=["filelock"])`` returns a wheel with
    ``filename``, ``sha256`` and ``write(folder)``. The same arguments give the same bytes.
    """
    from pytest_indexcache.fixtures.wheels import WheelFactory

    return WheelFactory()


@pytest.fixture
def index_factory(ledger: Ledger) -> Iterator[IndexFactory]:
    """Return a function that makes fake indexes for httpx clients in this process.

    ``index_factory("https://download.pytorch.org/whl/cpu", packages={"torch": {"2.8.0": {}}})``
    accepts the keys of ``[indexes.NAME]``. httpx reaches the indexes at their real URLs, without a
    socket. The exchanges are recorded in ``ledger``. Other clients, such as urllib, requests and
    subprocesses, need ``wire_index``.
    """
    from pytest_indexcache.fixtures.factories import IndexFactory

    with IndexFactory(ledger) as factory:
        yield factory


@pytest.fixture
def wire_index(
    ledger: Ledger, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WireIndexFactory]:
    """Return a function that makes fake indexes for any client, such as urllib, requests or pip.

    It takes the same arguments as ``index_factory``. A proxy on loopback serves the indexes at
    their real URLs over TLS, and refuses all other hosts. ``wire_index.env`` is the environment for
    a subprocess. A client in this process needs ``wire_index.proxy_url`` and
    ``wire_index.ca_file``.
    """
    from pytest_indexcache.fixtures.factories import WireIndexFactory

    with WireIndexFactory(ledger, tmp_path_factory.mktemp("wire-index")) as factory:
        yield factory


@pytest.fixture
def installer() -> Callable[[str], Installer]:
    """Return a function that makes an installer from a spec such as ``reference:obey-no-store``."""
    from pytest_indexcache.installers.registry import create_installer

    return create_installer


@pytest.fixture
def play(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Player]:
    """Return a function that plays a scenario and returns the result.

    ``assert play("uv-15303.toml")`` fails unless the verdict is ``passed``. The scenario is a path,
    TOML text or a table. ``installer`` is a spec, by default ``"reference"``, or a result of the
    fixture ``installer``. ``transport`` is ``"inprocess"`` or ``"wire"``. A failing test shows the
    failed step and the causes of each play that did not pass. A skipped play skips the test.
    """
    from pytest_indexcache.fixtures.player import Player

    config = request.config
    player = request.node.stash[_PLAYER] = Player(
        tmp_path,
        contained=config.getoption("--indexcache-contained"),
        trusted=config.getoption("--indexcache-trust") or (),
    )
    yield player
    player.close()
