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
expect = { downloads = { six = 1 }, check = true, cache-bytes = "< 1 GiB" }
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
pathlib.Path(".venv/pyvenv.cfg").write_text("version = 3.12.1")
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
    assert "(not judged by this script: cache-bytes)" in ended.stdout
    if code == 0:
        assert ended.stdout.endswith("\nnot judged: cache-bytes (step 1)\n")
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
@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("exit 0", "the installer did nothing: it made no request and changed no file\n"),
        (
            "echo invalid peer certificate: UnknownIssuer; exit 2",
            "the installer reached no index: it said 'invalid peer certificate'\n",
        ),
    ],
)
def test_installer_that_reaches_no_index_is_not_called_misbehaving(
    tmp_path: Path, program: str, said: str
) -> None:
    """If the installer did nothing or could not connect, a script exits with 2, not with 1."""
    installer = tmp_path / "uv"
    installer.write_text(f"#!/bin/sh\n{program}\n")
    installer.chmod(0o700)
    ended = run(exported(tmp_path), "--installer", installer)
    assert (ended.returncode, ended.stderr) == (2, f"it cannot be played: {said}")
    assert "misbehaves" not in ended.stdout


@pytest.mark.usefixtures("uv_of_tests")
def test_python_that_the_project_excludes_is_not_used(tmp_path: Path) -> None:
    """A script names the reason if the project excludes its Python, before it runs anything."""
    text = SCENARIO.replace("[project]", '[project]\nrequires-python = "<3.8"')
    ended = run(exported(tmp_path, text), "--installer", "/bin/true")
    assert ended.returncode == 2
    assert "step 1 needs Python <3.8, and Python 3." in ended.stderr
    assert ended.stderr.endswith("would play it: name an executable by --python\n")


@pytest.mark.usefixtures("uv_of_tests")
@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            'do = "remove-venv"',
            'do = "damage"\nwhat = "wheel"\nhow = "zero"',
            "steps[2].do = 'damage' cannot be in a script",
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
expect = {{ exit = "any", satisfied = false, downloads = {{ "*" = "any" }} }}
"""

FAIL = 'do = "fail"\nindex = "own"\n'

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
        (f'{FAIL}how = "status"\nstatus = 500', "", {}, "page 500"),
        (f'{FAIL}how = "reset"\nkind = "page"', "", {}, "page RemoteDisconnected"),
        (f'{FAIL}how = "close"\nkind = "page"', "", {}, "page RemoteDisconnected"),
        (
            f'{FAIL}how = "cut"\nkind = "wheel"\nafter = "1 KiB"\ntimes = 3',
            "",
            {},
            "file IncompleteRead False\nfile 200 True",
        ),
        (f'{FAIL}how = "ignore-range"\nkind = "wheel"', "", {}, "part 206 10\nfile"),
        (
            f'{FAIL}how = "slow"\nseconds = 0.1\nafter = "9 B"',
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


AT_ONCE = """\
title = "Steps at once, of another release and with another Python"
[indexes.own]
url = "https://own.example/simple"
default = true
[indexes.own.packages]
six."1.17.0" = {}
[[steps]]
do = "install"
requirements = ["six"]
release = { uv = "==0.8.0" }
expect = { exit = 3, downloads = {}, requests = { page = 1 } }
[[steps]]
do = "install"
requirements = ["six"]
python = "3.7"
folder = "b"
expect = { exit = 3, downloads = {} }
[[steps]]
together = [
    { do = "install", requirements = ["six"], times = 2, venv = "v-{n}" },
    { do = "install", requirements = ["six"], expect.output.contains = ["3.7"] },
]
expect = { exit = 3, requests = { page = 3 } }
"""

ASKING_UV = """\
#!{python}
import os, sys, urllib.request
if sys.argv[1:] == ["--version"]:
    sys.exit(print("uv {release} (abcdef 2026-01-01)"))
print("{release}", os.path.basename(os.getcwd()))
urllib.request.urlopen("https://own.example/simple/six/").read()
sys.exit(3)
"""


@pytest.fixture
def installers(tmp_path: Path) -> dict[str, Path]:
    """Return two fake releases of uv, which ask for a page and fail, by their version."""
    made = {}
    for release in ("0.9.4", "0.8.0"):
        made[release] = tmp_path / f"uv-{release}"
        made[release].write_text(ASKING_UV.format(python=sys.executable, release=release))
        made[release].chmod(0o700)
    python = tmp_path / "python3.7"
    python.write_text(
        f"#!/bin/sh\ncase $* in *python_version*) echo 3.7.9;; *) exec {sys.executable} $*;; esac\n"
    )
    python.chmod(0o700)
    return {**made, "python": python}


@pytest.mark.usefixtures("uv_of_tests")
def test_script_plays_steps_at_once_and_with_other_releases_and_pythons(
    tmp_path: Path, installers: dict[str, Path]
) -> None:
    """Each step has its release, Python and folder; requests of steps at once are told apart."""
    script = exported(tmp_path, AT_ONCE)
    chosen: list[str | Path] = [
        "--installer",
        installers["0.9.4"],
        "--release",
        f"0.8.0={installers['0.8.0']}",
    ]
    ended = run(script, *chosen, "--python", installers["python"])
    assert ended.returncode == 1, ended.stdout + ended.stderr
    first, second, together = ended.stdout.split("\nstep ")[1:]
    assert "    0.8.0 project" in first
    assert "    0.9.4 b" in second
    assert together.count("    0.9.4 project") == 3
    assert together.count("GET 200 page") == 3
    assert together.count("NOT AS EXPECTED") == 1
    assert "NOT AS EXPECTED: together[3]: output.contains: '3.7' is not there" in together


@pytest.mark.usefixtures("uv_of_tests")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "a step needs release 0.8.0: name it by --release 0.8.0=PATH"),
        (["--release", "0.8.0={0.9.4}"], "uv-0.9.4 is not release 0.8.0"),
        (
            ["--release", "0.8.0={0.8.0}"],
            "a step needs Python 3.7: name an executable by --python",
        ),
        (["--release", "0.8.0=/no/uv"], "there is no executable /no/uv"),
    ],
)
def test_script_names_the_release_or_python_that_it_lacks(
    tmp_path: Path, installers: dict[str, Path], options: list[str], said: str
) -> None:
    """Without a release or a Python that a step needs, a script exits with 2 and names it."""
    paths = {name: str(path) for name, path in installers.items()}
    given = [option.replace("{0.9.4}", paths["0.9.4"]) for option in options]
    given = [option.replace("{0.8.0}", paths["0.8.0"]) for option in given]
    ended = run(exported(tmp_path, AT_ONCE), "--installer", installers["0.9.4"], *given)
    assert ended.returncode == 2, ended.stdout
    assert said in ended.stderr
