"""Imports in the Python of a venv, compared with starting that Python directly."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import virtualenv

from pytest_indexcache.errors import PlayError
from pytest_indexcache.run.plays.venvs import venv_imports
from pytest_indexcache.run.plays.venvs.venv_imports import importing, python_of

Venv = Callable[..., Path]

LOOK_AROUND = """\
import json, sys
seen = json.dumps({
    "path": sys.path, "prefix": sys.prefix, "exec_prefix": sys.exec_prefix,
    "base_prefix": sys.base_prefix, "executable": sys.executable, "version": sys.version,
    "isolated": sys.flags.isolated, "stdin": sys.stdin.read(),
})
print("this is no answer")
"""


def import_values(venv: Path, names: Sequence[str]) -> dict[str, Any]:
    """Import names, and wait for their values."""
    with importing(venv, names) as values:
        return values()


@pytest.fixture
def make_venv(tmp_path: Path) -> Venv:
    """Return a function that makes a venv with given modules in its site-packages."""

    def make(name: str = "venv", *options: str, **modules: str) -> Path:
        made = virtualenv.cli_run(["--no-seed", *options, str(tmp_path / name)])
        for module, text in modules.items():
            (Path(made.creator.purelib) / f"{module}.py").write_text(text)
        return tmp_path / name

    return make


def test_values_come_as_they_are(make_venv: Venv) -> None:
    """Plain values of modules and attributes are returned unchanged, and modules by their names."""
    venv = make_venv(torch="__version__ = '2.9.0+cpu'\nclass version: cuda = None\nready = True\n")
    names = ["torch.__version__", "torch.version.cuda", "torch.ready", "torch"]
    assert import_values(venv, names) == {
        "torch.__version__": "2.9.0+cpu",
        "torch.version.cuda": None,
        "torch.ready": True,
        "torch": "module torch",
    }


def test_failures_come_as_text(make_venv: Venv) -> None:
    """The error of a missing module or failed import is returned; other names are imported."""
    venv = make_venv(torch="", broken="1 / 0\n", leaving="raise SystemExit('bye')\n")
    seen = import_values(venv, ["torchvision", "torch.version.cuda"])
    assert seen["torchvision"] == "ModuleNotFoundError: No module named 'torchvision'"
    assert "torch" in seen["torch.version.cuda"]
    assert import_values(venv, ["broken"]) == {"broken": "ZeroDivisionError: division by zero"}
    assert import_values(venv, ["leaving"]) == {"leaving": "SystemExit: bye"}
    assert import_values(venv, ["torch"]) == {"torch": "module torch"}


def test_a_python_that_breaks_down_is_told(make_venv: Venv) -> None:
    """A module that crashes its Python ends only its own import."""
    venv = make_venv(deadly="import os\nos.kill(os.getpid(), 9)\n", torch="")
    assert import_values(venv, ["deadly"]) == {"deadly": "Python crashed"}
    assert import_values(venv, ["torch"]) == {"torch": "module torch"}


def test_nothing_stands_between_venv_and_python(make_venv: Venv) -> None:
    """An import sees the same paths, prefixes and flags as the venv's own Python with -I."""
    venv = make_venv(around=LOOK_AROUND)
    program = "import around; print(around.seen)"
    command = [str(python_of(venv)), "-I", "-c", program]
    own = subprocess.run(command, capture_output=True, text=True, check=True, input="")
    (seen,) = import_values(venv, ["around.seen"]).values()
    assert json.loads(seen) == json.loads(own.stdout.splitlines()[-1])


@pytest.mark.parametrize("options", [(), ("--copies",)], ids=["linked", "copied"])
def test_imports_leave_no_byte_code(make_venv: Venv, options: tuple[str, ...]) -> None:
    """A module that is replaced within a second by a module of the same size is imported anew."""
    venv = make_venv("venv", *options, torch="build = 'cpu'\n")
    assert import_values(venv, ["torch.build"]) == {"torch.build": "cpu"}
    (module,) = venv.rglob("torch.py")
    before = module.stat()
    module.write_text("build = 'gpu'\n")
    os.utime(module, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert import_values(venv, ["torch.build"]) == {"torch.build": "gpu"}
    assert not list(venv.rglob("torch*.pyc"))


@pytest.mark.parametrize("options", [(), ("--copies",)], ids=["linked", "copied"])
def test_imports_see_no_variable_of_the_test_run(
    make_venv: Venv, options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An imported module does not see the environment variables of the tests."""
    monkeypatch.setenv("INDEX_PASSWORD", "secret")
    spy = "import os\nseen = ' '.join(sorted(os.environ))\n"
    (seen,) = import_values(make_venv("venv", *options, spy=spy), ["spy.seen"]).values()
    assert "INDEX_PASSWORD" not in seen.split()
    assert "PATH" not in seen.split()
    assert "TZ" in seen.split()


def test_venvs_do_not_see_each_other(make_venv: Venv) -> None:
    """Each venv imports its own modules, in their current state."""
    one = make_venv("one", torch="build = 'one'\n")
    other = make_venv("other", torch="build = 'other'\n", numpy="")
    assert import_values(one, ["torch.build", "numpy"]) == {
        "torch.build": "one",
        "numpy": "ModuleNotFoundError: No module named 'numpy'",
    }
    assert import_values(other, ["torch.build"]) == {"torch.build": "other"}
    (module,) = one.rglob("torch.py")
    module.write_text("build = 'replaced'\n")
    assert import_values(one, ["torch.build"]) == {"torch.build": "replaced"}


def test_editable_projects_are_found(make_venv: Venv, tmp_path: Path) -> None:
    """The modules of an editable project are imported through its .pth file."""
    venv, folder = make_venv(), tmp_path / "project"
    folder.mkdir()
    (folder / "demo.py").write_text("place = __file__\n")
    (site_packages,) = venv.glob("[Ll]ib/**/site-packages")
    (site_packages / "demo.pth").write_text(f"{folder}\n")
    assert import_values(venv, ["demo.place"]) == {"demo.place": str(folder / "demo.py")}


def test_a_venv_with_a_python_of_its_own_is_asked_itself(make_venv: Venv) -> None:
    """If a venv has a copy of Python, the import runs in that copy."""
    venv = make_venv("copied", "--copies", where="import sys\nfound = sys.executable\n")
    assert import_values(venv, ["where.found"]) == {"where.found": str(python_of(venv))}


def test_no_venv_imports_nothing(tmp_path: Path) -> None:
    """Without a venv, the result for each name is the text ``there is no venv``."""
    assert import_values(tmp_path, ["torch"]) == {"torch": "there is no venv"}


@pytest.mark.parametrize("options", [(), ("--copies",)], ids=["linked", "copied"])
def test_endless_imports_are_ended(
    make_venv: Venv, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    """An import that reaches the time limit raises an error that names it; later imports work."""
    endless = "import time\nwhile True: time.sleep(1)\n"
    venv = make_venv("venv", *options, endless=endless, torch="")
    with monkeypatch.context() as patch:
        patch.setattr(venv_imports, "LIMIT_SECONDS", 0.3)
        with pytest.raises(PlayError, match=r"could not import endless: .*timed out"):
            import_values(venv, ["endless"])
    assert import_values(venv, ["torch"]) == {"torch": "module torch"}


def test_what_nobody_waits_for_is_in_nobodys_way(make_venv: Venv) -> None:
    """After an abandoned import, the next import returns its own values."""
    venv = make_venv(torch="build = 'cpu'\n", numpy="")
    with pytest.raises(ZeroDivisionError), importing(venv, ["torch.build"]):
        raise ZeroDivisionError
    with importing(venv, ["torch.build"]):
        pass
    assert import_values(venv, ["numpy"]) == {"numpy": "module numpy"}


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="there is no /proc here")
def test_a_fork_that_was_killed_while_it_waited_answers_nothing(make_venv: Venv) -> None:
    """After a waiting fork is killed, the next imports return their own values."""
    venv = make_venv(torch="import os\nparent, own = os.getppid(), os.getpid()\n", numpy="")
    parent, answering = import_values(venv, ["torch.parent", "torch.own"]).values()
    process, deadline = Path(f"/proc/{parent}"), time.monotonic() + 30
    forks = {answering}
    while forks <= {answering}:
        forks = set(map(int, (process / "task" / str(parent) / "children").read_text().split()))
        assert time.monotonic() < deadline
    for fork in forks - {answering}:
        os.kill(fork, signal.SIGKILL)
    while ") Z " not in (process / "stat").read_text():
        assert time.monotonic() < deadline
    assert import_values(venv, ["numpy"]) == {"numpy": "module numpy"}
    assert import_values(venv, ["torch"]) == {"torch": "module torch"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_waiting_python_that_was_killed_is_started_again(make_venv: Venv) -> None:
    """If the waiting Python is killed, the next import starts a new one."""
    fatal = "import os\nparent = os.getppid()\nos.kill(parent, 9)\n"
    fatal += "while os.getppid() == parent: pass\n"
    venv = make_venv(fatal=fatal, torch="")
    assert import_values(venv, ["fatal"]) == {"fatal": "module fatal"}
    assert import_values(venv, ["torch"]) == {"torch": "module torch"}
