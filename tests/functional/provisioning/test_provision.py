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
    """Provision an installer in another process, which prints the path of the executable."""
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
    """A second provisioning of a release makes no request and uses the same venv."""
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
    """A release with an extra is installed beside the same release without it."""
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
    """An installer is installed again if its files or its Python were removed."""
    index.publish("uv", "0.8.11")
    first = provision("uv", "0.8.11")
    first.executable.unlink()
    second = provision("uv", "0.8.11")
    assert second.executable.exists()
    assert _attempts(home, "uv") == [second.executable.parent.parent]


def test_two_processes_at_once_provision_one_installer(index: LoopbackIndex, home: Path) -> None:
    """A second process waits for the first, and uses the installer that the first one installed."""
    index.publish("uv", "0.8.11")
    processes = [_provision_elsewhere("uv==0.8.11") for _ in range(3)]
    printed = {process.communicate(timeout=120)[0].strip() for process in processes}
    assert len(printed) == 1
    assert Path(printed.pop()).is_file()
    assert len(_attempts(home, "uv")) == 1


def test_a_process_that_is_killed_half_way_leaves_a_cache_folder_that_works(
    index: LoopbackIndex,
) -> None:
    """A partial installation by a killed process is not used, and its lock is released."""
    index.publish("uv", "0.8.11")
    index.flowing.clear()
    process = _provision_elsewhere("uv==0.8.11")
    _wait_for(lambda: any(path.startswith("/files/") for path in index.requests))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    index.flowing.set()
    assert _run(provision("uv", "0.8.11")) == "uv 0.8.11 (loopback)"


def test_an_interrupt_removes_what_was_begun(index: LoopbackIndex, home: Path) -> None:
    """Ctrl-C during an installation leaves no partial files."""
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
    """A crash at start is quoted; the installer is removed, and the failure is not remembered."""
    index.publish("uv", "0.8.11", "raise RuntimeError('wrong dependency')")
    for _ in range(2):
        with pytest.raises(InstallerStartError, match="RuntimeError: wrong dependency") as caught:
            provision("uv", "0.8.11")
        assert caught.value.spec == "uv==0.8.11"
        assert _attempts(home, "uv") == []


def test_a_release_that_does_not_exist_is_unavailable(index: LoopbackIndex) -> None:
    """The error for a missing release names the nearest releases."""
    index.publish("uv", "0.8.11")
    with pytest.raises(
        InstallerUnavailableError, match=r"there is no release 0\.9 of uv"
    ) as caught:
        provision("uv", "0.9")
    assert caught.value.hint == "releases near it are 0.8.11"


def test_a_release_for_other_pythons_is_unavailable(index: LoopbackIndex) -> None:
    """``Requires-Python`` of an installer is checked before anything is downloaded."""
    index.publish("pip", "9.0", attributes='data-requires-python="&lt;3.8"')
    with pytest.raises(UnsupportedPythonError, match=r"it needs Python <3\.8, and this is"):
        provision("pip", "9.0")
    assert not any(path.startswith("/files/") for path in index.requests)


def test_a_release_without_a_wheel_for_this_machine_is_unavailable(index: LoopbackIndex) -> None:
    """If no wheel fits this machine, the error quotes the message of the provisioning uv or pip."""
    index.publish("uv", "0.8.11")
    for table in (index.files, index.attributes):
        name, value = table.popitem()
        table[name.replace("py3-none-any", "py3-none-plan9_mips")] = value  # type: ignore[assignment]
    with pytest.raises(InstallerUnavailableError, match="could not be installed"):
        provision("uv", "0.8.11")


def test_without_a_network_the_reason_is_told(
    index: LoopbackIndex, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a network, cached installers can be used; for others the error gives the reason."""
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
    """A read-only cache folder is an error, not a reason to skip the installer as unavailable."""
    (tmp_path / "file").touch()
    with pytest.raises(InstallerError, match="cannot be used") as caught:
        provision("uv", "0.8.11", home=tmp_path / "file")
    assert "INDEXCACHE_HOME" in caught.value.hint
    assert not isinstance(caught.value, InstallerUnavailableError)
    assert index.requests == []


def test_an_installer_gets_the_dependencies_of_its_days(index: LoopbackIndex) -> None:
    """A dependency that was uploaded years after the installer is not used."""
    if find_uv(machine_index()) is None:
        pytest.skip("uv is not on this machine")
    index.publish("helper", "1.0", uploaded="2024-02-01T00:00:00Z")
    index.publish("helper", "2.0", "raise SystemExit(3)", uploaded="2026-01-01T00:00:00Z")
    code = "import helper; helper.main(); print('poetry {version}')"
    index.publish("poetry", "1.8.3", code, requires="helper")
    assert _run(provision("poetry", "1.8.3")) == "helper 1.0 (loopback)\npoetry 1.8.3"


def test_dependencies_of_the_year_after_are_the_second_choice(index: LoopbackIndex) -> None:
    """Later dependencies are used if those from the installer's time cannot be installed."""
    if find_uv(machine_index()) is None:
        pytest.skip("uv is not on this machine")
    index.publish("helper", "1.0", attributes='data-yanked="broken"')
    index.publish("helper", "1.1", uploaded="2024-09-01T00:00:00Z")
    index.publish("helper", "2.0", "raise SystemExit(3)", uploaded="2026-01-01T00:00:00Z")
    code = "import helper; helper.main()"
    index.publish("pdm", "2.10", code, requires="helper")
    assert _run(provision("pdm", "2.10")) == "helper 1.1 (loopback)"


def test_dependencies_that_break_it_are_not_the_last_word(index: LoopbackIndex) -> None:
    """Later dependencies are tried if the installer crashes with those from its own time."""
    if find_uv(machine_index()) is None:
        pytest.skip("uv is not on this machine")
    index.publish("helper", "1.0", "raise SystemExit(3)", uploaded="2024-02-01T00:00:00Z")
    index.publish("helper", "1.1", uploaded="2024-09-01T00:00:00Z")
    index.publish("poetry", "1.8.3", "import helper; helper.main()", requires="helper")
    assert _run(provision("poetry", "1.8.3")) == "helper 1.1 (loopback)"


def test_as_little_as_can_be_is_built(index: LoopbackIndex) -> None:
    """Wheels from the year after the release are preferred to dependencies that must be built."""
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
    """Without uv, pip provisions an installer that has no dependencies."""
    if find_pip() is None:
        pytest.skip("pip is not on this machine")
    monkeypatch.setattr(module, "find_uv", lambda _: None)
    index.publish("uv", "0.8.11")
    assert _run(provision("uv", "0.8.11")) == "uv 0.8.11 (loopback)"


def test_without_uv_and_pip_nothing_can_be_provisioned(
    index: LoopbackIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without uv and pip, the error says what to install."""
    monkeypatch.setattr(module, "find_uv", lambda _: None)
    monkeypatch.setattr(module, "find_pip", lambda: None)
    index.publish("uv", "0.8.11")
    with pytest.raises(InstallerUnavailableError, match="neither uv nor pip") as caught:
        provision("uv", "0.8.11")
    assert "install pip" in caught.value.hint
