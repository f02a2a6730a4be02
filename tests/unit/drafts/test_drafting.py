"""Drafts of scenarios, which can be loaded like any other scenario."""

from __future__ import annotations

import tomllib

import pytest

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.drafts.drafting import LogMaterial, draft_scenario
from pytest_indexcache.drafts.files.lockfiles import read_lockfile
from pytest_indexcache.drafts.files.project_files import read_project_file, read_requirements
from pytest_indexcache.drafts.logs.reading import read_log
from pytest_indexcache.drafts.threads.pasted import read_pasted
from pytest_indexcache.scenario.loader import loads
from tests.unit.drafts.a_thread import LOG, PROJECT, THREAD


def draft_of(text: str) -> str:
    """Return the draft made only from a pasted text."""
    pasted = read_pasted(text)
    words = read_project_file(pasted.project_file) if pasted.project_file else None
    return draft_scenario(
        LogMaterial(
            pasted.events,
            words,
            words is not None,
            (),
            pasted.title,
            pasted.issue,
            files=pasted.files,
            users=pasted.users,
            has_command_list=pasted.has_commands,
        )
    )


def test_thread_becomes_a_scenario() -> None:
    """A draft contains the URLs, releases and sizes of the log, and the steps of the issue."""
    data = tomllib.loads(draft_of(THREAD))
    pytorch = data["indexes"]["pytorch-rocm"]
    assert pytorch["url"] == "https://download.pytorch.org/whl/rocm6.3"
    assert pytorch["packages"]["torch"] == {"2.8.0+rocm6.3": {"size": "4.6 GiB"}}
    assert pytorch["packages"]["triton"]["3.4.0"] == {
        "size": "246.7 MiB",
        "url": "https://download.pytorch.org/whl/",
    }
    assert pytorch["packages"]["torchvision"]["0.23.0+rocm6.3"] == {
        "headers": {"files": {"cache-control": False}}
    }
    assert data["indexes"]["pypi"]["packages"]["trl"] == {
        "0.21.0": {"requires": ["triton==3.4.0", "numpy==2.3.2"]}
    }
    assert data["sources"]["torch"] == {"index": "pytorch-rocm", "explicit": True}
    assert [step["do"] for step in data["steps"]] == ["sync", "remove-venv", "sync"]
    assert data["steps"][2]["expect"]["downloads"] == {}


EXTRAS = """\
[project]
name = "project"
version = "0"
dependencies = ["numpy"]
[project.optional-dependencies]
cpu = ["torch"]
pypi = ["torch"]
[tool.uv.sources]
torch = [{ index = "pytorch-cpu", extra = "cpu" }, { index = "pytorch-pypi", extra = "pypi" }]
[[tool.uv.index]]
name = "pytorch-cpu"
url = "https://download.pytorch.org/whl/cpu"
explicit = true
[[tool.uv.index]]
name = "pytorch-pypi"
url = "https://pypi.org/simple/"
explicit = true
"""
EXTRAS_LOG = """\
DEBUG uv 0.9.5
DEBUG Selecting: numpy==2.3.4 [compatible] (numpy-2.3.4-py3-none-any.whl)
DEBUG Selecting: torch==2.9.0 [compatible] (torch-2.9.0-py3-none-any.whl)
DEBUG Selecting: torch==2.9.0+cpu [compatible] (torch-2.9.0+cpu-py3-none-any.whl)
"""


def test_release_of_several_sources_is_at_the_one_that_suits_its_local_version() -> None:
    """The release torch+cpu is placed on the CPU index, and other releases of torch on PyPI."""
    text = draft_of(f"```\n{EXTRAS}```\n```\n{EXTRAS_LOG}```")
    indexes = loads(text).indexes
    placed = {name: sorted(index.packages) for name, index in indexes.items()}
    assert placed == {"pytorch-cpu": ["torch"], "pytorch-pypi": ["numpy", "torch"]}
    assert list(indexes["pytorch-cpu"].packages["torch"]) == ["2.9.0+cpu"]
    assert list(indexes["pytorch-pypi"].packages["torch"]) == ["2.9.0"]


def test_command_in_a_comment_has_no_credentials_and_no_paths() -> None:
    """Passwords in URLs and variables, and paths, are left out of the comments of a draft."""
    command = (
        "$ UV_INDEX_TEAM_PASSWORD=ENVSECRET uv sync -v --cache-dir /home/alice/cache "
        "--index=https://me:URLSECRET@priv.example/simple --find-links ~/alice "
        "-f file:///home/alice/links --index-url https://me:URLSECRET@priv.example/x?key=URLSECRET"
    )
    text = draft_of(f"```\n{command}\n{EXTRAS_LOG}```")
    assert not [word for word in ("ENVSECRET", "URLSECRET", "alice", "me:") if word in text]
    assert "UV_INDEX_TEAM_PASSWORD=… uv sync -v --cache-dir /folder2 --index=https://priv" in text
    assert "not in the steps: --cache-dir /folder2 --find-links /folder3 -f file:///folder1" in text
    assert tomllib.loads(text)["indexes"]["priv-example"]["url"] == "https://priv.example/simple"


def test_draft_is_in_neutral_words_and_marks_guesses() -> None:
    """A draft contains no name of the user's project and folders, and marks its guesses."""
    text = draft_of(THREAD)
    assert "secret-name" not in text
    assert "/home/somebody" not in text
    assert text.count("# to be read: ") == 4
    assert loads(text).title == "torch is always downloaded again"


def test_project_file_beside_the_log() -> None:
    """Requirements that the log does not contain come from the project file, with versions."""
    words = read_project_file(loads_toml(PROJECT))
    events = read_log("DEBUG uv 0.8.2\nDEBUG Identified uncached distribution: trl==0.21.0\n")
    text = draft_scenario(LogMaterial(events, words, is_project=True))
    packages = loads(text).indexes["pytorch-rocm"].packages
    assert {name: list(versions) for name, versions in packages.items()} == {
        "torch": ["2.8.0+rocm6.3"],
        "torchvision": ["0.23.0+rocm6.3"],
    }


def test_lockfile_says_what_requires_what() -> None:
    """If there is a lockfile, a draft contains no guessed requirement."""
    lock = """
    version = 1
    [[package]]
    name = "foo"
    version = "1.0"
    source = { registry = "https://pypi.org/simple" }
    dependencies = [{ name = "bar", marker = "sys_platform == 'linux'" }]
    wheels = [{ url = "https://files.example/foo-1.0-py3-none-any.whl", size = 5242880 }]
    [[package]]
    name = "bar"
    version = "2.0"
    source = { registry = "https://pypi.org/simple" }
    [[package]]
    name = "project"
    version = "0.1.0"
    source = { virtual = "." }
    """
    words = read_project_file({"project": {"dependencies": ["foo"]}})
    locked = read_lockfile(loads_toml(lock))
    text = draft_scenario(LogMaterial((), words, is_project=True, locked=locked))
    assert tomllib.loads(text)["indexes"]["pypi"]["packages"] == {
        "bar": {"2.0": {}},
        "foo": {
            "1.0": {
                "requires": ['bar; sys_platform == "linux"'],
                "size": "5 MiB",
                "url": "https://files.example/",
            },
        },
    }
    assert "what requires" not in text


def test_requirements_are_installed() -> None:
    """A requirements file becomes an install step with the indexes that the file names."""
    words = read_requirements(
        "-i https://me:secret@packages.example/simple/\nfoo==1.0 --hash=sha256:00\n-r other.txt\n"
    )
    text = draft_scenario(LogMaterial(read_log("DEBUG uv 0.5.0"), words))
    scenario = tomllib.loads(text)
    assert scenario["indexes"]["packages-example"]["url"] == "https://packages.example/simple/"
    assert scenario["steps"][0]["requirements"] == ["foo==1.0"]
    assert "secret" not in text
    assert "left out: the line '-r other.txt' of the requirements" in text
    assert loads(text)


def test_lifetimes_of_a_trace_are_header_fields() -> None:
    """Freshness lifetimes in a trace become Cache-Control fields of pages and files."""
    url = "https://packages.example/simple/foo/"
    text = draft_of(
        f"TRACE Response from {url} is storable because it has an 'max-age' cache-control "
        "directive\nTRACE Freshness lifetime found via cache-control max age setting: 60s\n"
        "DEBUG Selecting: foo==1.0 [compatible] (foo-1.0-py3-none-any.whl)\n"
        f"DEBUG Found stale response for: {url}\n"
    )
    index = tomllib.loads(text)["indexes"]["packages-example"]
    assert index["headers"] == {"pages": {"cache-control": "max-age=60"}}
    assert index["packages"] == {"foo": {"1.0": {}}}
    assert loads(text)


@pytest.mark.parametrize(
    "text",
    [
        '# "]\n[steps]\n\n```\nDEBUG Registry requirement already cached: six==1.17.0\n```\n',
        "# \x1b[31mred\x00 \u202e title\n```\nDEBUG Requirement already cached: six==1.0\n```",
        "$ uv sync --extra '\"]\\n' ; rm -rf / # \x07\nDEBUG Selecting: six==1 (six.whl)",
        "DEBUG No cache entry for: https://x.example/simple/../../six-1.0-py3-none-any.whl",
        "DEBUG No cache entry for: https://xn--.example:99/a\"b'c/six-1.0-py3-none-any.whl",
        "DEBUG Selecting: six==1!2.0.dev1+local.7 (six.whl)",
        f"```\n{PROJECT.replace('pytorch-rocm', 'a.b c')}```\n```\n{LOG}```",
    ],
)
def test_hostile_text_stays_text(text: str) -> None:
    """Hostile text in a thread does not add a table to the draft."""
    data = tomllib.loads(draft_of(text))
    assert set(data) <= {"title", "issue", "indexes", "project", "sources", "steps"}
    assert [step["do"] for step in data["steps"]][1] == "remove-venv"


COMMANDS = """\
_Issue opened by @ann on 2025-12-03 09:28_

```bash
uv init /var/tmp/kk -p 3.12 && cd /var/tmp/kk
uv add requests
uv add tensorrt-cu12 --index nv=https://pypi.nvidia.com/ --optional cu12
uv sync # it will remove the packages, which is expected
uv sync --extra cu12 # it will download again, which is unexpected
```

_Comment by @bob on 2025-12-17 17:36_

```
DEBUG Identified uncached distribution: tensorrt-cu12-libs==10.14.1.48.post1
DEBUG Identified uncached distribution: cuda-toolkit==12.9.1
DEBUG Identified uncached distribution: requests==2.32.5
```

```toml
[[tool.uv.index]]
name = "nvidia"
url = "https://pypi.nvidia.com/"
cache-control = { api = "max-age=600" }
```
"""


def test_commands_of_the_opener_become_steps() -> None:
    """Each command of the opener is a step, and the last is expected to download nothing."""
    text = draft_of(COMMANDS)
    data = tomllib.loads(text)
    nv = data["indexes"]["nv"]
    assert nv["url"] == "https://pypi.nvidia.com/"
    assert list(nv["packages"]) == ["tensorrt-cu12", "tensorrt-cu12-libs"]
    assert list(data["indexes"]["pypi"]["packages"]) == ["cuda-toolkit", "requests"]
    assert "cache-control" not in data
    first, second, third, last = data["steps"]
    assert first["requirements"] == ["requests"]
    assert second == {
        "do": "add", "requirements": ["tensorrt-cu12"], "index": "nv", "optional": "cu12",
    }  # fmt: skip
    assert third == {"do": "sync"}
    assert last["extras"] == ["cu12"]
    assert last["expect"]["downloads"] == {}
    assert set(last["expect"]["installed"]) == {"requests", "tensorrt-cu12"}
    assert loads(text)


@pytest.mark.parametrize(
    ("log", "lines"),
    [
        (
            "$ uv sync --frozen --extra a\n$ uv sync --frozen --extra b\n",
            ['extras = ["a"]', 'do = "sync"\nfrozen = true\nextras = ["b"]', "require: a, b"],
        ),
        (
            "$ uv pip compile --no-cache r.in\nDEBUG Adding direct dependency: six*\n",
            ['[steps.expect]\nexit = "success"'],
        ),
        (
            "$ uv pip install --extra-index-url https://a.example/simple six==1.0\n",
            ['extra-indexes = ["a-example"]', "[indexes.a-example.packages]", "[indexes.pypi]"],
        ),
        (
            "$ uv sync\nDEBUG Adding direct dependency: six{sys_platform == 'win32'}>=1\n",
            ['[steps.expect]\nexit = "success"', "downloads = {}"],
        ),
    ],
)
def test_draft_of_commands_has_lines(log: str, lines: list[str]) -> None:
    """A draft states only expectations that its steps certainly meet."""
    text = draft_of(log)
    assert [line for line in lines if line not in text] == []
    assert loads(text)


def test_draft_of_local_projects_has_none_on_an_index() -> None:
    """The root project of a log becomes the project of the draft, under a neutral name."""
    log = (
        "DEBUG Found static `pyproject.toml` for: secret-app @ file:///home/me/app\n"
        "DEBUG Adding direct dependency: secret-app*\n"
        "DEBUG Searching for a compatible version of secret-app @ file:///home/me/app (*)\n"
        "DEBUG Adding transitive dependency for secret-app==0.1.0: six>=1\n"
        "DEBUG Selecting: six==1.17.0 [compatible] (six-1.17.0-py2.py3-none-any.whl)\n"
    )
    text = draft_of(log)
    assert "secret-app" not in text
    assert list(tomllib.loads(text)["indexes"]["pypi"]["packages"]) == ["six"]
    assert 'requirements = ["six>=1"]' in text
