"""The processes that run hooks of build backends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from pytest_indexcache.reference.build.hook_processes import run_hook

Run = Callable[..., str]

LOOK_AROUND = """\
import json, os, sys
seen = {
    "arguments": sys.argv[1:], "folder": os.getcwd(), "path": sys.path, "name": __name__,
    "variables": dict(os.environ), "byte code": not sys.dont_write_bytecode,
    "input": sys.stdin.read(), "site": "site" in sys.modules,
}
print(json.dumps(seen))
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs a script as a build hook, and returns its output."""

    def run(text: str, *arguments: str, variables: Mapping[str, str] = {}) -> str:
        script, output, folder = (tmp_path / name for name in ("hook.py", "output", "folder"))
        script.write_text(text)
        output.write_text("")
        folder.mkdir(exist_ok=True)
        python = [sys.executable, "-S"]
        try:
            run_hook(python, [str(script), *arguments], str(folder), variables, output)
        finally:
            written = output.read_text()
        return written

    return run


def test_a_hook_sees_what_it_was_given_and_nothing_else(run: Run, tmp_path: Path) -> None:
    """A hook gets its own arguments, folder and variables, and imports no unrelated package."""
    variables = {"PYTHONDONTWRITEBYTECODE": "1", "BUILD": "as \udcff"}
    seen = json.loads(run(LOOK_AROUND, "build_wheel", "here", variables=variables))
    assert seen["arguments"] == ["build_wheel", "here"]
    assert seen["folder"] == str(tmp_path / "folder")
    assert seen["name"] == "__main__"
    assert (seen["input"], seen["byte code"], seen["site"]) == ("", False, False)
    assert variables.items() <= seen["variables"].items()
    assert set(seen["variables"]) <= {*variables, "LC_CTYPE"}
    assert not [part for part in seen["path"] if "site-packages" in part]
    assert "" not in seen["path"]
    assert str(tmp_path / "folder") not in seen["path"]


def test_nothing_is_left_of_a_hook_for_the_next(run: Run) -> None:
    """Modules and variables that a hook sets are not visible in the next hook."""
    text = "import json, os; print(hasattr(json, 'mark'), os.environ.get('MARK')); json.mark = 1"
    assert run(text) == "False None\n"
    assert run(f"import os; os.environ['MARK'] = 'x'; {text}") == "False x\n"
    assert run(text) == "False None\n"


@pytest.mark.parametrize(
    ("end", "code", "written"),
    [
        ("raise SystemExit(3)", 3, ""),
        ("raise SystemExit('no compiler')", 1, "no compiler\n"),
        ("raise ValueError('no compiler')", 1, "ValueError: no compiler\n"),
        ("import os; os.kill(os.getpid(), 9)", -9, ""),
        ("import os; os.system('echo no compiler; exit 2'); os._exit(4)", 4, "no compiler\n"),
    ],
)
def test_how_a_hook_ended_is_told(
    run: Run, tmp_path: Path, end: str, code: int, written: str
) -> None:
    """The exit status and the output of a hook are returned like those of a process."""
    with pytest.raises(subprocess.CalledProcessError) as failed:
        run(end, variables={"PATH": os.environ["PATH"]})
    assert failed.value.returncode == code
    assert (tmp_path / "output").read_text().endswith(written)
    assert run("raise SystemExit(0)") == ""
    assert run("raise SystemExit") == ""


def test_what_a_hook_leaves_for_its_end_is_done(run: Run) -> None:
    """Exit handlers of a hook are run, and its buffered output is written."""
    text = "import atexit, sys; atexit.register(print, 'cleaned up'); sys.stdout.write('built ')"
    assert run(text) == "built cleaned up\n"


def test_a_hook_that_changed_is_run_as_it_is_now(run: Run) -> None:
    """If a hook script changes, the next call runs the changed script."""
    assert run("print('first')") == "first\n"
    assert run("print('second')") == "second\n"


def test_a_venv_has_its_own_python(tmp_path: Path) -> None:
    """Hooks of backends with requirements see the packages of their build venv."""
    script, output = tmp_path / "hook.py", tmp_path / "output"
    script.write_text("import pytest_indexcache, sys; print(sys.argv[1])")
    output.write_text("")
    run_hook([sys.executable], [str(script), "found"], None, {}, output)
    assert output.read_text() == "found\n"
