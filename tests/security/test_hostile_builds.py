"""Build backends that return paths outside the workspace to the reference installer.

The backend is contained, but the reference installer is not: it runs in this process, and uses the
names and files that the backend returns.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.installers.containment.modes import ContainmentMode
from pytest_indexcache.run.plays.results import PlayResult

from .grounds import SECRET, Outside, play_attack, unchecked

BACKEND = """\
import base64, hashlib, os, sys, zipfile

HOME, CANARY = {home!r}, {canary!r}
METADATA = "Metadata-Version: 2.1\\nName: hostile\\nVersion: 1\\n"
NAME = "hostile-1-py3-none-any.whl"

def wheel(path, members={{}}):
    files = {{
        "hostile-1.dist-info/METADATA": METADATA,
        "hostile-1.dist-info/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\n",
        **members,
    }}
    record = ""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            data = text.encode()
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
            record += f"{{name}},sha256={{digest}},{{len(data)}}\\n"
            archive.writestr(entry(name), data)
        archive.writestr("hostile-1.dist-info/RECORD", record + "hostile-1.dist-info/RECORD,,\\n")

def entry(name):
    info = zipfile.ZipInfo(name)
    info.external_attr = (0o120777 if name in LINKS else 0o100644) << 16
    return info

LINKS = ()
ANSWER = sys.argv[-1] + "/output.json"

def get_requires_for_build_wheel(config_settings=None):
    return []

get_requires_for_build_editable = get_requires_for_build_wheel

def prepare_metadata_for_build_wheel(folder, config_settings=None):
    os.mkdir(folder + "/hostile-1.dist-info")
    with open(folder + "/hostile-1.dist-info/METADATA", "w") as file:
        file.write(METADATA)
    return "hostile-1.dist-info"

def build_wheel(folder, config_settings=None, metadata_directory=None):
    global LINKS
    OUTPUT = os.readlink("/proc/self/fd/1")
{build}

build_editable = build_wheel
"""

PROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "hostile"
dynamic = ["version"]
"""

APP = """\
[project]
name = "app"
version = "1"
dependencies = ["hostile"]
[tool.indexcache.sources]
hostile = { path = "../hostile" }
"""

MEMBER = "wheel(folder + '/' + NAME, {{{name}: 'x'}}); return NAME"

BUILDS = {
    "name-absolute": "return HOME + '/' + NAME",
    "name-climbing": "return os.path.relpath(HOME, folder) + '/' + NAME",
    "wheel-link": "os.symlink(HOME + '/' + NAME, folder + '/' + NAME); return NAME",
    "wheel-pipe": "os.mkfifo(folder + '/' + NAME); return NAME",
    "output-link": "os.rename(OUTPUT, OUTPUT + 'x'); os.symlink(CANARY, OUTPUT); sys.exit(3)",
    "output-pipe": "os.remove(OUTPUT); os.mkfifo(OUTPUT); sys.exit(3)",
    "answer-link": "os.symlink(CANARY, ANSWER); os._exit(0)",
    "answer-pipe": "os.mkfifo(ANSWER); os._exit(0)",
    "answer-path": "return [HOME]",
    "folder-link": "os.rename(folder, folder + 'x'); os.symlink(HOME, folder); return NAME",
    "temporary-link": "up = os.path.dirname(folder); os.rename(up, up + 'x'); "
    "os.symlink(HOME, up); return NAME",
    "member-climbing": MEMBER.format(name="'../../../../../../outside/home/new'"),
    "member-absolute": MEMBER.format(name="HOME + '/new'"),
    "member-of-data": MEMBER.format(name="'hostile-1.data/data/../../../../outside/home/new'"),
    "member-of-scripts": MEMBER.format(name="'hostile-1.data/scripts/../../../new'"),
    "member-of-links": "LINKS = ('x',); wheel(folder + '/' + NAME, {'x': HOME, 'x/new': 'x'}); "
    "return NAME",
    "entry-point": "wheel(folder + '/' + NAME, {'hostile-1.dist-info/entry_points.txt': "
    "'[console_scripts]\\n../../../../../../outside/home/new = hostile:x\\n'}); return NAME",
}


def _built(build: str, ground: Outside, folder: Path, mode: ContainmentMode) -> PlayResult:
    lines = "".join(f"    {line}\n" for line in build.split("; "))
    backend = BACKEND.format(build=lines, home=str(ground.home), canary=str(ground.canary))
    scenario = unchecked(
        [{"do": "sync", "expect": {"exit": "failure"}}],
        {"hostile/pyproject.toml": PROJECT, "hostile/backend.py": backend},
        **{"project-files": {"reference": APP}},
    )
    return play_attack(scenario, "reference", folder, mode)


@pytest.fixture
def wheel_outside(ground: Outside) -> Path:
    """Put a wheel with the secret into the home folder outside."""
    names: dict[str, Any] = {}
    exec(BACKEND.format(build="    return", home="", canary=""), names)
    wheel = ground.home / str(names["NAME"])
    names["wheel"](wheel, {"hostile.py": f"# {SECRET}"})
    return wheel


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.usefixtures("wheel_outside")
def test_a_build_leads_the_reference_nowhere(build: str, ground: Outside, tmp_path: Path) -> None:
    """A hostile build fails; it neither reads a file outside the workspace nor waits for a pipe."""
    before = ground.state()
    result = _built(BUILDS[build], ground, tmp_path, ContainmentMode.REQUIRE)
    assert result.verdict == "passed", result.reason
    assert ground.state() == before
    texts = [path.read_bytes() for path in (tmp_path / "play").rglob("*") if path.is_file()]
    assert SECRET not in str(result.to_json())
    assert not [text for text in texts if SECRET.encode() in text]
