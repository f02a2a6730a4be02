"""``indexcache export``, and exported scripts that are run with an installer of the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_indexcache.cli import main
from pytest_indexcache.installers.contract.installer import InstallerSpec
from pytest_indexcache.installers.contract.supply import ProvisionedInstaller, Supply
from pytest_indexcache.installers.uv.dialect import UvAdapter

SCENARIO = """\
title = "A wheel \\"\\"\\" comes once"
[indexes.own]
url = "https://own.example/simple"
default = true
headers = "pytorch"
[indexes.own.packages]
six."1.17.0" = {}
[project]
dependencies = ["six"]
[[steps]]
do = "sync"
expect = { downloads = { six = 1 }, installed = { six = "1.17.0" }, check = true }
[[steps]]
do = "remove-venv"
[[steps]]
do = "publish"
index = "own"
project = "idna"
version = "3.10"
[[steps]]
do = "sync"
expect = { downloads = {} }
"""

FAKE_UV = '''\
#!{python}
"""An installer of one wheel, which it keeps unless it is told not to."""
import io, json, os, pathlib, sys, urllib.request, zipfile
assert sys.argv[1:] == ["sync"], sys.argv
assert "six" in pathlib.Path("pyproject.toml").read_text()
assert "SECRET" not in os.environ
kept = pathlib.Path(os.environ["UV_CACHE_DIR"]) / "six.whl"
def get(url, **fields):
    with urllib.request.urlopen(urllib.request.Request(url, headers=fields)) as answer:
        return answer.read()
page = get("https://own.example/simple/six/", Accept="application/vnd.pypi.simple.v1+json")
url = json.loads(page)["files"][0]["url"]
place = urllib.parse.urljoin("https://own.example/simple/six/", url)
wheel = kept.read_bytes() if kept.exists() else get(place)
if {keeps}:
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(wheel)
place = pathlib.Path(".venv/lib/python3/site-packages")
zipfile.ZipFile(io.BytesIO(wheel)).extractall(place)
print("installed\\x1b[31m")
try:
    get("https://elsewhere.example/")
except OSError:
    print("elsewhere is out of reach")
'''


@pytest.fixture
def uv_of_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the newest uv by a release that needs no list of releases."""

    def create(_: str) -> list[UvAdapter]:
        return [UvAdapter(InstallerSpec("uv", releases="==0.9.4"), Supply(_never, "0.9.4"))]

    monkeypatch.setattr("pytest_indexcache.installers.registry.create_installers", create)


def _never() -> ProvisionedInstaller:
    raise AssertionError("an export starts no installer")


def exported(folder: Path, text: str = SCENARIO) -> Path:
    """Export a scenario, and return the script."""
    scenario, script = folder / "a.toml", folder / "a.py"
    scenario.write_text(text, encoding="utf-8")
    assert main(["export", str(scenario), "--output", str(script)]) == 0
    return script


def run(script: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a script with a Python that has only its standard library."""
    return subprocess.run(
        [sys.executable, "-I", "-S", script, *arguments],
        env={"PATH": os.defpath, "SECRET": "x"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.usefixtures("uv_of_tests")
@pytest.mark.parametrize(
    ("keeps", "code", "said"),
    [
        (True, 0, "behaves: every expectation that this script judges holds"),
        (False, 1, "NOT AS EXPECTED: downloads.six: expected 0, seen 1"),
    ],
)
def test_script_plays_with_the_standard_library_alone(
    tmp_path: Path, *, keeps: bool, code: int, said: str
) -> None:
    """An exported script serves the real URLs over TLS, prints requests, and gives a verdict."""
    installer = tmp_path / "uv"
    installer.write_text(FAKE_UV.format(python=sys.executable, keeps=keeps))
    installer.chmod(0o700)
    ended = run(exported(tmp_path), "--installer", installer)
    assert ended.returncode == code, ended.stdout + ended.stderr
    assert said in ended.stdout
    assert "step 4: " in ended.stdout
    assert "GET 200 page https://own.example/simple/six/" in ended.stdout
    assert "elsewhere is out of reach" in ended.stdout
    assert "CONNECT elsewhere.example:443: refused" in ended.stdout
    assert "not judged by this script: check" in ended.stdout
    assert "\x1b" not in ended.stdout


@pytest.mark.usefixtures("uv_of_tests")
def test_script_without_installer_says_so(tmp_path: Path) -> None:
    """Without the installer, an exported script exits with 2 and prints help for its scenario."""
    script = exported(tmp_path)
    ended = run(script, "--installer", tmp_path / "nonesuch")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "there is no executable" in ended.stderr
    assert "comes once" in run(script, "--help").stdout


@pytest.mark.usefixtures("uv_of_tests")
def test_installer_that_reaches_no_index_is_not_called_misbehaving(tmp_path: Path) -> None:
    """If the installer sends no request, an exported script exits with 2, not with 1."""
    ended = run(exported(tmp_path), "--installer", "/bin/true")
    assert ended.returncode == 2
    assert ended.stderr == (
        "it cannot be played: the installer reached no index: see what it said above, and run this "
        "script with another Python if it needs one\n"
    )
    assert "misbehaves" not in ended.stdout


@pytest.mark.usefixtures("uv_of_tests")
@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            'do = "remove-venv"',
            'do = "damage"\nwhat = "wheel"\nhow = "zero"',
            "steps[2].do = 'damage' cannot be in a script",
        ),
        (
            'do = "remove-venv"',
            'do = "sync"\nrelease = "==0.8.0"',
            "steps[2].release cannot be in a script",
        ),
        ("default = true", "default = true\nedge = {}", "indexes.own.edge cannot be in a script"),
    ],
)
def test_scenario_that_no_script_can_play_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, problem: str
) -> None:
    """``export`` refuses a scenario by naming the unsupported part, and writes no file."""
    scenario, script = tmp_path / "a.toml", tmp_path / "a.py"
    scenario.write_text(SCENARIO.replace(old, new), encoding="utf-8")
    assert main(["export", str(scenario), "--output", str(script)]) == 2
    assert problem in capsys.readouterr().err
    assert not script.exists()


def test_reference_cannot_be_exported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``export`` refuses the reference installer, which a script cannot contain."""
    scenario = tmp_path / "a.toml"
    scenario.write_text(SCENARIO, encoding="utf-8")
    assert main(["export", str(scenario), "--installer", "reference"]) == 2
    assert "choose uv, pip, poetry or pdm" in capsys.readouterr().err


FAULTY = """\
title = "An index fails"
[indexes.own]
url = "https://own.example/simple"
default = true
{users}
[indexes.own.packages]
six."1.17.0" = {{ padding = "2 KiB" }}
[project]
dependencies = ["six"]
[[steps]]
{fault}
[[steps]]
do = "sync"
expect = {{ exit = "any", downloads = {{ "*" = "any" }} }}
"""

CLIENT = '''\
#!{python}
"""A client that asks for a page and a file, and says what came."""
import json, os, sys, urllib.error, urllib.parse, urllib.request
def get(url, **fields):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=fields)) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except Exception as error:
        cause = error.reason if isinstance(error, urllib.error.URLError) else error
        return type(cause).__name__, b""
place = "https://own.example/simple/six/"
asked = dict(Accept="application/vnd.pypi.simple.v1+json", **{fields})
status, page = get(place, **asked)
print("page", status)
if status == 200:
    url = urllib.parse.urljoin(place, json.loads(page)["files"][0]["url"])
    for turn in range(2):
        status, body = get(url, Range="bytes=10-19")
        print("part", status, len(body))
    for turn in range(2):
        status, body = get(url)
        print("file", status, len(body) > 2000)
'''


@pytest.mark.usefixtures("uv_of_tests")
@pytest.mark.parametrize(
    ("fault", "users", "fields", "said"),
    [
        ('do = "go-down"\nindex = "own"', "", {}, "page OSError"),
        ('do = "fail"\nindex = "own"\nhow = "status"\nstatus = 500', "", {}, "page 500"),
        (
            'do = "fail"\nindex = "own"\nhow = "reset"\nkind = "page"',
            "",
            {},
            "page RemoteDisconnected",
        ),
        (
            'do = "fail"\nindex = "own"\nhow = "close"\nkind = "page"',
            "",
            {},
            "page RemoteDisconnected",
        ),
        (
            'do = "fail"\nindex = "own"\nhow = "cut"\nkind = "wheel"\nafter = "1 KiB"\ntimes = 3',
            "",
            {},
            "file IncompleteRead False\nfile 200 True",
        ),
        (
            'do = "fail"\nindex = "own"\nhow = "ignore-range"\nkind = "wheel"',
            "",
            {},
            "part 206 10\nfile",
        ),
        (
            'do = "fail"\nindex = "own"\nhow = "slow"\nseconds = 0.1\nafter = "9 B"',
            "",
            {},
            "part 206 10\npart 206 10\nfile 200 True\nfile 200 True",
        ),
        ('do = "remove-venv"', "users = { ada = 'x' }", {}, "page 401"),
        (
            'do = "remove-venv"',
            "users = { ada = 'x' }",
            {"Authorization": "Basic YWRhOng="},
            "page 200\npart 206 10",
        ),
    ],
)
def test_script_has_the_faults_and_users_of_its_indexes(
    tmp_path: Path, fault: str, users: str, fields: dict[str, str], said: str
) -> None:
    """An index in an exported script has the same faults, outages and users as in a play."""
    client = tmp_path / "uv"
    client.write_text(CLIENT.format(python=sys.executable, fields=fields))
    client.chmod(0o700)
    script = exported(tmp_path, FAULTY.format(fault=fault, users=users))
    ended = run(script, "--installer", client)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stderr == ""
    assert said in ended.stdout.replace("\n    ", "\n")
