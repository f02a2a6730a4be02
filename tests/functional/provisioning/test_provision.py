"""Provisioning from an index on loopback, with the uv or pip of this machine."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_indexcache.errors import (
    InstallerError,
    InstallerStartError,
    InstallerUnavailableError,
    UnsupportedPythonError,
)
from pytest_indexcache.installers.provisioning import provision as module
from pytest_indexcache.installers.provisioning.machine_index import machine_index
from pytest_indexcache.installers.provisioning.machine_installer import find_pip, find_uv
from pytest_indexcache.installers.provisioning.provision import (
    ProvisionedInstaller,
    provision,
)

from .loopback_index import LoopbackIndex


def _run(installer: ProvisionedInstaller) -> str:
    done = subprocess.run([installer.executable], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _attempts(home: Path, name: str) -> list[Path]:
    return sorted(path for path in (home / "installers" / name).iterdir() if path.is_dir())


def _provision_elsewhere(spec: str) -> subprocess.Popen[str]:
    """Provision in another process, which prints the path of the executable."""
    name, _, version = spec.partition("==")
    code = (
        "from pytest_indexcache.installers.provisioning.provision import provision\n"
        f"print(provision({name!r}, {version!r}).executable)"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "this takes too long"
        time.sleep(0.02)


def test_a_release_is_installed_once_and_then_found(index: LoopbackIndex, home: Path) -> None:
    """The second time nobody is asked, and the installer is in a venv of its own."""
    index.publish("uv", "0.8.10")
    index.publish("uv", "0.8.11")
    installer = provision("uv", "0.8.10")
    assert (installer.name, installer.version) == ("uv", "0.8.10")
    assert installer.executable.is_relative_to(home)
    assert installer.python is not None
    assert installer.python.parent == installer.executable.parent
    assert _run(installer) == "uv 0.8.10 (loopback)"
    asked = len(index.requests)
    assert provision("uv", "0.8.10") == installer
    assert provision("uv", "0.8.11").executable != installer.executable
    assert len([path for path in index.requests[:asked] if path == "/simple/uv/"]) >= 1
    assert not [path for path in index.requests[asked:] if "0.8.10" in path]


def test_a_release_with_extras_is_another_installation(index: LoopbackIndex) -> None:
    """What depends on the extra is there, and the release without it stays as it is."""
    index.publish("uv", "0.8.11")
    plain = provision("uv", "0.8.11")
    whole = provision("uv", "0.8.11", extras=("tls",))
    assert whole.executable != plain.executable
    assert _run(whole) == _run(plain)
    assert provision("uv", "0.8.11", extras=("tls",)) == whole
    assert provision("uv", "0.8.11") == plain


def test_an_installer_that_is_gone_from_the_cache_folder_is_installed_again(
    index: LoopbackIndex, home: Path
) -> None:
    """Who removed its files, or the Python it was made for, gets it anew."""
    index.publish("uv", "0.8.11")
    first = provision("uv", "0.8.11")
    first.executable.unlink()
    second = provision("uv", "0.8.11")
    assert second.executable.exists()
    assert _attempts(home, "uv") == [second.executable.parent.parent]


def test_two_processes_at_once_provision_one_installer(index: LoopbackIndex, home: Path) -> None:
    """The second waits for the first and finds what it installed."""
    index.publish("uv", "0.8.11")
    processes = [_provision_elsewhere("uv==0.8.11") for _ in range(3)]
    printed = {process.communicate(timeout=120)[0].strip() for process in processes}
    assert len(printed) == 1
    assert Path(printed.pop()).is_file()
    assert len(_attempts(home, "uv")) == 1


def test_a_process_that_is_killed_half_way_leaves_a_cache_folder_that_works(
    index: LoopbackIndex,
) -> None:
    """What it began is not taken for an installer, and its lock is free."""
    index.publish("uv", "0.8.11")
    index.flowing.clear()
    process = _provision_elsewhere("uv==0.8.11")
    _wait_for(lambda: any(path.startswith("/files/") for path in index.requests))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    index.flowing.set()
    assert _run(provision("uv", "0.8.11")) == "uv 0.8.11 (loopback)"


def test_an_interrupt_removes_what_was_begun(index: LoopbackIndex, home: Path) -> None:
    """Ctrl-C while an installer is being installed leaves nothing half-way."""
    index.publish("uv", "0.8.11")
    index.flowing.clear()
    process = _provision_elsewhere("uv==0.8.11")
    _wait_for(lambda: any(path.startswith("/files/") for path in index.requests))
    process.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in process.communicate(timeout=60)[0]
    assert _attempts(home, "uv") == []
    index.flowing.set()


def test_an_installer_that_crashes_at_start_is_an_error_and_tried_again(
    index: LoopbackIndex, home: Path
) -> None:
    """Its last words are quoted, nothing is left of it, and the failure is not remembered."""
    index.publish("uv", "0.8.11", "raise RuntimeError('wrong dependency')")
    for _ in range(2):
        with pytest.raises(InstallerStartError, match="RuntimeError: wrong dependency") as caught:
            provision("uv", "0.8.11")
        assert caught.value.spec == "uv==0.8.11"
        assert _attempts(home, "uv") == []


def test_a_release_that_does_not_exist_is_unavailable(index: LoopbackIndex) -> None:
    """Those near it are named."""
    index.publish("uv", "0.8.11")
    with pytest.raises(
        InstallerUnavailableError, match=r"there is no release 0\.9 of uv"
    ) as caught:
        provision("uv", "0.9")
    assert caught.value.hint == "releases near it are 0.8.11"


def test_a_release_for_other_pythons_is_unavailable(index: LoopbackIndex) -> None:
    """``Requires-Python`` is compared before anything is downloaded."""
    index.publish("pip", "9.0", attributes='data-requires-python="&lt;3.8"')
    with pytest.raises(UnsupportedPythonError, match=r"it needs Python <3\.8, and this is"):
        provision("pip", "9.0")
    assert not any(path.startswith("/files/") for path in index.requests)


def test_a_release_without_a_wheel_for_this_machine_is_unavailable(index: LoopbackIndex) -> None:
    """What the machine's installer says of it is quoted."""
    index.publish("uv", "0.8.11")
    for table in (index.files, index.attributes):
        name, value = table.popitem()
        table[name.replace("py3-none-any", "py3-none-plan9_mips")] = value  # type: ignore[assignment]
    with pytest.raises(InstallerUnavailableError, match="could not be installed"):
        provision("uv", "0.8.11")


def test_without_a_network_the_reason_is_told(
    index: LoopbackIndex, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in the cache folder can be played with, anything else is unavailable."""
    index.publish("uv", "0.8.10")
    index.publish("uv", "0.8.11")
    kept = provision("uv", "0.8.10")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    machine_index.cache_clear()
    assert provision("uv", "0.8.10") == kept
    with pytest.raises(InstallerUnavailableError, match="could not be installed"):
        provision("uv", "0.8.11")
    with pytest.raises(InstallerUnavailableError, match="its releases cannot be listed"):
        provision("pip", "24.0")


def test_a_cache_folder_that_cannot_be_written_is_named(
    index: LoopbackIndex, tmp_path: Path
) -> None:
    """It is an error, for it is not the installer that is missing."""
    (tmp_path / "file").touch()
    with pytest.raises(InstallerError, match="cannot be used") as caught:
        provision("uv", "0.8.11", home=tmp_path / "file")
    assert "INDEXCACHE_HOME" in caught.value.hint
    assert not isinstance(caught.value, InstallerUnavailableError)
    assert index.requests == []


def test_an_installer_gets_the_dependencies_of_its_days(index: LoopbackIndex) -> None:
    """A dependency that was uploaded years later, and breaks it, is left out."""
    if find_uv(machine_index()) is None:
        pytest.skip("uv is not on this machine")
    index.publish("helper", "1.0", uploaded="2024-02-01T00:00:00Z")
    index.publish("helper", "2.0", "raise SystemExit(3)", uploaded="2026-01-01T00:00:00Z")
    code = "import helper; helper.main(); print('poetry {version}')"
    index.publish("poetry", "1.8.3", code, requires="helper")
    assert _run(provision("poetry", "1.8.3")) == "helper 1.0 (loopback)\npoetry 1.8.3"


def test_dependencies_of_the_year_after_are_the_second_choice(index: LoopbackIndex) -> None:
    """Where there is no way to install it with those of its day, later ones may be taken."""
    if find_uv(machine_index()) is None:
        pytest.skip("uv is not on this machine")
    index.publish("helper", "1.0", attributes='data-yanked="broken"')
    index.publish("helper", "1.1", uploaded="2024-09-01T00:00:00Z")
    index.publish("helper", "2.0", "raise SystemExit(3)", uploaded="2026-01-01T00:00:00Z")
    code = "import helper; helper.main()"
    index.publish("pdm", "2.10", code, requires="helper")
    assert _run(provision("pdm", "2.10")) == "helper 1.1 (loopback)"


def test_dependencies_that_break_it_are_not_the_last_word(index: LoopbackIndex) -> None:
    """Where those of its day let it crash, later ones are tried before it is given up."""
    if find_uv(machine_index()) is None:
        pytest.skip("uv is not on this machine")
    index.publish("helper", "1.0", "raise SystemExit(3)", uploaded="2024-02-01T00:00:00Z")
    index.publish("helper", "1.1", uploaded="2024-09-01T00:00:00Z")
    index.publish("poetry", "1.8.3", "import helper; helper.main()", requires="helper")
    assert _run(provision("poetry", "1.8.3")) == "helper 1.1 (loopback)"


def test_as_little_as_can_be_is_built(index: LoopbackIndex) -> None:
    """Where something has to be built, wheels of the year after go before other builds."""
    if find_uv(machine_index()) is None:
        pytest.skip("uv is not on this machine")
    index.publish_sdist("helper", "1.0", uploaded="2024-02-01T00:00:00Z")
    index.publish("helper", "1.1", uploaded="2024-09-01T00:00:00Z")
    index.publish_sdist("other", "1.0", uploaded="2024-02-01T00:00:00Z")
    code = "import helper, other; helper.main(); print(other.__version__)"
    index.publish("poetry", "1.8.3", code, requires="helper\nRequires-Dist: other")
    assert _run(provision("poetry", "1.8.3")) == "helper 1.1 (loopback)\n1.0"


def test_pip_is_enough_for_what_needs_no_dependencies(
    index: LoopbackIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no uv, pip installs."""
    if find_pip() is None:
        pytest.skip("pip is not on this machine")
    monkeypatch.setattr(module, "find_uv", lambda _: None)
    index.publish("uv", "0.8.11")
    assert _run(provision("uv", "0.8.11")) == "uv 0.8.11 (loopback)"


def test_without_uv_and_pip_nothing_can_be_provisioned(
    index: LoopbackIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says what to install."""
    monkeypatch.setattr(module, "find_uv", lambda _: None)
    monkeypatch.setattr(module, "find_pip", lambda: None)
    index.publish("uv", "0.8.11")
    with pytest.raises(InstallerUnavailableError, match="neither uv nor pip") as caught:
        provision("uv", "0.8.11")
    assert "install pip" in caught.value.hint
