"""The command line of the reference installer, with concurrent and killed processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.index.wire.gateway import serve
from pytest_indexcache.messages import Exchange
from pytest_indexcache.scenario.tables.indexes import Index
from pytest_indexcache.system.venvs.environment import Environment

NAMES = [f"part{number:02}" for number in range(20)]
PACKAGES: dict[str, dict[str, Any]] = {
    **{name: {"1.0": {"attributes": {"sub.value": 1}}} for name in NAMES},
    "all": {"1.0": {"requires": NAMES}},
    "large": {"1.0": {"padding": "60 MB"}},
}
INDEX = {
    "url": "https://pypi.org/simple",
    "headers": {"profile": "none", "files": {"cache-control": "no-store"}},
    "packages": PACKAGES,
}


@dataclass
class CommandLine:
    """A folder, and the environment variables with which a process reaches the fake index."""

    root: Path
    variables: dict[str, str]
    ledger: list[Exchange]

    def start(self, *arguments: str, project: str = "project") -> subprocess.Popen[str]:
        """Start the installer in a project's folder."""
        return subprocess.Popen(
            [sys.executable, "-m", "pytest_indexcache.reference", *arguments],
            cwd=self.root / project,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, project: str = "project") -> tuple[int, str, str]:
        """Run the installer; return its exit code, output and errors."""
        process = self.start(*arguments, project=project)
        output, errors = process.communicate(timeout=60)
        return process.returncode, output, errors

    def write(self, *dependencies: str, project: str = "project") -> Path:
        """Write a project, and return its venv."""
        folder = self.root / project
        folder.mkdir(exist_ok=True)
        listed = ", ".join(f'"{it}"' for it in dependencies)
        (folder / "pyproject.toml").write_text(
            f'[project]\nname = "p"\nversion = "1"\ndependencies = [{listed}]\n'
        )
        return folder / ".venv"

    @property
    def downloads(self) -> int:
        """Return the number of wheels that were sent whole."""
        return sum(it.is_download for it in self.ledger)


@pytest.fixture
def command_line(tmp_path: Path) -> Iterator[CommandLine]:
    """Serve the index at its real URL, through a proxy on this machine."""
    indexes = FakeIndexes({"pypi": Index.model_validate(INDEX)})
    ledger: list[Exchange] = []
    with serve(indexes, record=ledger.append, clock=time.time) as gateway:
        kept = ("PATH", "SYSTEMROOT", "HOME", "PYTHONPATH")
        variables = {name: os.environ[name] for name in kept if name in os.environ} | {
            "HTTPS_PROXY": gateway.proxy_url,
            "SSL_CERT_FILE": str(gateway.ca_file),
            "INDEXCACHE_CACHE_DIR": str(tmp_path / "cache"),
            "PYTHONPATH": os.pathsep.join(it for it in sys.path if it),
        }
        yield CommandLine(tmp_path, variables, ledger)


def installed(venv: Path) -> set[str]:
    """Return the names of the distributions in a venv, after a check of all their files."""
    environment = Environment.open(venv)
    assert environment is not None
    for name in NAMES:
        if (environment.site_packages / f"{name}-1.0.dist-info").is_dir():
            assert (environment.site_packages / name / "sub.py").is_file()
    return {it.name for it in environment.installed()}


def leftovers(root: Path) -> list[str]:
    """List unfinished downloads and unfinished changes of venvs."""
    half_done = [*root.glob("cache/wheels/runs/*"), *root.glob("*/.venv/.indexcache-*")]
    return [path.name for path in half_done if path.name != "guard"]


def test_a_sync_from_beginning_to_end(command_line: CommandLine) -> None:
    """A sync exits with 0 and prints its usual output, and a second sync changes nothing."""
    venv = command_line.write("part00")
    code, output, errors = command_line.run("sync")
    assert (code, errors) == (0, "")
    assert output.splitlines()[-2:] == ["Installed 1 package", " + part00==1.0"]
    assert installed(venv) == {"part00"}
    assert command_line.run("sync") == (0, "Audited 1 package\n", "")
    assert command_line.downloads == 1


@pytest.mark.parametrize("words", ["./part01", "./part01/", "././part01"])
def test_a_path_that_begins_here_is_a_folder(words: str, command_line: CommandLine) -> None:
    """``./NAME`` is a folder, even if an index has a project with this name."""
    venv = command_line.write("part00")
    folder = venv.parent / "part01"
    folder.mkdir()
    project = '[project]\nname = "mine"\nversion = "1.0"\n'
    backend = '[build-system]\nrequires = []\nbuild-backend = "none"\n'
    (folder / "pyproject.toml").write_text(project + backend)
    code, _, errors = command_line.run("install", words)
    assert code != 0
    assert "part01" in errors
    assert command_line.downloads == 0


@pytest.mark.skipif(os.name == "nt", reason="the shell is POSIX's")
@pytest.mark.parametrize("redirection", [">&-", "2>&-", ">&- 2>&-"])
def test_a_command_may_have_its_outputs_closed(redirection: str, command_line: CommandLine) -> None:
    """A command works, without a traceback, if stdout and stderr are closed."""
    venv = command_line.write("part00")
    ended = in_a_shell(command_line, f'"$@" sync {redirection}')
    assert (ended.returncode, ended.stderr) == (0, "")
    assert installed(venv) == {"part00"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_an_output_that_takes_nothing_more_is_an_error(command_line: CommandLine) -> None:
    """If stdout cannot be written, the command fails, but its finished work remains correct."""
    command_line.write("part00")
    command_line.run("sync")
    ended = in_a_shell(command_line, '"$@" sync >/dev/full')
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[0] == "error: [Errno 28] No space left on device"
    assert len(ended.stderr.splitlines()) == 2
    assert command_line.run("sync") == (0, "Audited 1 package\n", "")


def in_a_shell(command_line: CommandLine, text: str) -> subprocess.CompletedProcess[str]:
    """Run a shell line, in which ``"$@"`` is the installer, in the project's folder."""
    return subprocess.run(
        ["sh", "-c", text, "sh", sys.executable, "-m", "pytest_indexcache.reference"],
        cwd=command_line.root / "project",
        env=command_line.variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_process_of_run_has_its_own_exit_code(command_line: CommandLine) -> None:
    """``run`` passes the arguments after ``--`` to Python, and returns its exit code."""
    command_line.write("part00")
    code, output, _ = command_line.run("run", "-q", "--", "-c", "import part00; exit(7)")
    assert (code, output) == (7, "")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["sync", "--offline"], 1, "error: no set of releases meets"),
        (["sync", "--variant", "none"], 2, "error: there is no variant 'none'"),
        (["sync", "--project", "nowhere"], 2, "there is no such file"),
        (["install"], 2, "error: no requirement is given"),
        (["install", "--no-such-option"], 2, "unrecognized arguments"),
        (["add", "part00", "--index", "nonsense"], 2, "'nonsense' is not the URL of an index"),
        (["sync", "--venv", "n" * 300], 1, "hint: use a shorter name"),
        (["compile", "part00", "-o", "n" * 300], 1, "hint: use a shorter name"),
        (["install", "part00", "--index-url", "file:"], 2, "'file:' is not the URL of an index"),
        (["install", "git+https://x.example/y"], 2, "names a repository"),
        ([], 2, "the following arguments are required: COMMAND"),
    ],
)
def test_what_goes_wrong_is_said_in_one_message(
    arguments: list[str], code: int, message: str, command_line: CommandLine
) -> None:
    """A failure exits with 1 and wrong usage with 2, both without a traceback."""
    command_line.write("part00")
    seen, output, errors = command_line.run(*arguments)
    assert seen == code
    assert message in errors
    assert "Traceback" not in errors + output


def test_a_cache_folder_that_cannot_be_written_is_said(command_line: CommandLine) -> None:
    """If the path of the cache folder leads through a file, the usage error names the file."""
    (command_line.root / "file").write_bytes(b"")
    command_line.write("part00")
    code, _, errors = command_line.run("sync", "--cache-dir", "../file/cache")
    assert code == 2
    assert "file is not a folder" in errors
    assert "Traceback" not in errors


def test_verbose_says_why(command_line: CommandLine) -> None:
    """``--verbose`` writes the decisions of the stores to stderr and does not change stdout."""
    command_line.write("part00")
    _, output, errors = command_line.run("sync", "-v")
    assert "# part00 will be changed: it is not installed" in errors
    assert "#" not in output


def test_two_processes_may_use_one_cache_at_once(command_line: CommandLine) -> None:
    """Two processes that share a cache both create their venvs."""
    venvs = [command_line.write("all", project=name) for name in ("one", "two", "three")]
    processes = [command_line.start("sync", project=name) for name in ("one", "two", "three")]
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")
    assert [installed(venv) for venv in venvs] == [{"all", *NAMES}] * 3
    assert leftovers(command_line.root) == []


def test_two_processes_may_sync_one_venv_at_once(command_line: CommandLine) -> None:
    """If two processes sync one venv, one installs, and the other has nothing to do."""
    venv = command_line.write("all")
    processes = [command_line.start("sync") for _ in range(3)]
    outputs = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], outputs
    assert installed(venv) == {"all", *NAMES}
    assert sum("Installed 21 packages" in output for output, _ in outputs) == 1
    assert leftovers(command_line.root) == []


def test_a_download_that_was_killed_leaves_nothing_behind(command_line: CommandLine) -> None:
    """After SIGKILL during a download, the next run works and removes the partial files."""
    venv = command_line.write("large")
    process = command_line.start("sync")
    deadline = time.monotonic() + 30
    partial = command_line.root / "cache" / "wheels" / "runs"
    while not list(partial.rglob("*.whl")) and time.monotonic() < deadline:
        time.sleep(0.002)
    process.kill()
    process.communicate()
    code, _, errors = command_line.run("sync")
    assert (code, errors) == (0, "")
    assert installed(venv) == {"large"}
    assert leftovers(command_line.root) == []


@pytest.mark.parametrize("command", ["fill", "empty"])
def test_killed_whenever_the_next_run_works(command: str, command_line: CommandLine) -> None:
    """Whenever a run is killed, the next run can use the venv and the cache."""
    venv = command_line.write("all")
    if command == "empty":
        command_line.run("sync")
    for twentieths in (2, 4, 5, 7):
        command_line.write(*(["all"] if command == "fill" else []))
        process = command_line.start("sync", "--reinstall" if command == "fill" else "-q")
        time.sleep(twentieths / 20)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert all((venv / "bin").glob("python")) or not venv.exists()
        if command == "empty":
            command_line.write("all")
            code, _, errors = command_line.run("sync")
            assert (code, errors) == (0, "")
            assert installed(venv) == {"all", *NAMES}
    command_line.write("all")
    code, _, errors = command_line.run("sync")
    assert (code, errors) == (0, "")
    assert installed(venv) == {"all", *NAMES}
    code, output, _ = command_line.run("run", "-q", "--", "-c", "import part07.sub, part19.sub")
    assert code == 0, output
    command_line.write()
    command_line.run("sync")
    assert installed(venv) == set()
    # What was killed after its last download is cleared away by the next one, or by a prune.
    command_line.run("cache", "prune")
    assert leftovers(command_line.root) == []
    assert list((command_line.root / "cache" / "wheels").rglob(".*")) == []


def test_ctrl_c_is_one_line_and_leaves_nothing_half_written(command_line: CommandLine) -> None:
    """Ctrl-C during a download prints one line and removes partial files."""
    command_line.write("large")
    process = command_line.start("sync")
    partial = command_line.root / "cache" / "wheels" / "runs"
    deadline = time.monotonic() + 30
    while not list(partial.rglob("*.whl")) and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "error: interrupted\n")
    assert leftovers(command_line.root) == []
