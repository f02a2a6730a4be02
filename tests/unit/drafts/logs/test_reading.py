"""Facts read from lines of real logs, with neutral paths and hosts."""

from __future__ import annotations

import pytest

from pytest_indexcache.drafts.logs.events import LogEvent
from pytest_indexcache.drafts.logs.reading import read_line, read_log

ROCM = "https://download.pytorch.org/whl/rocm6.3/torch-2.8.0%2Brocm6.3-cp312-cp312-linux_x86_64.whl"
TQDM = "https://pypi.org/simple/tqdm/"
WRAPT = "https://packages.example/simple/wrapt/"

UV = [
    ("DEBUG uv 0.8.2", LogEvent("installer", "uv", "0.8.2")),
    ("DEBUG uv 0.11.19 (x86_64-unknown-linux-gnu)", LogEvent("installer", "uv", "0.11.19")),
    (f"DEBUG No cache entry for: {ROCM}", LogEvent("absent", url=ROCM)),
    (f"DEBUG Found stale response for: {TQDM}", LogEvent("stale", url=TQDM)),
    (f"DEBUG Found not-modified response for: {TQDM}", LogEvent("not-modified", url=TQDM)),
    (f"DEBUG Found modified response for: {TQDM}", LogEvent("modified", url=TQDM)),
    (f"DEBUG Found fresh response for: {ROCM}#sha256=e95b", LogEvent("fresh", url=ROCM)),
    (
        "DEBUG Selecting: setuptools==80.9.0 [compatible] (setuptools-80.9.0-py3-none-any.whl)",
        LogEvent("selected", "setuptools", "80.9.0", detail="setuptools-80.9.0-py3-none-any.whl"),
    ),
    (
        "DEBUG Selecting: pillow==10.2.0 (pillow-10.2.0-cp311-cp311-win_amd64.whl)",
        LogEvent("selected", "pillow", "10.2.0", detail="pillow-10.2.0-cp311-cp311-win_amd64.whl"),
    ),
    (
        "DEBUG Identified uncached distribution: torch==2.8.0+rocm6.3",
        LogEvent("uncached", "torch", "2.8.0+rocm6.3"),
    ),
    (
        "    0.034307s DEBUG uv_installer::plan Identified uncached requirement: torch ==2.1.1+cpu",
        LogEvent("uncached", "torch", "2.1.1+cpu"),
    ),
    (
        "DEBUG Registry requirement already cached: hf_xet==1.1.8",
        LogEvent("cached", "hf-xet", "1.1.8"),
    ),
    (
        "DEBUG Requirement already installed: six==1.17.0",
        LogEvent("kept", "six", "1.17.0"),
    ),
    ("Downloading torch (4.6GiB)", LogEvent("download", "torch", detail="4.6 GiB")),
    ("#9 4.1 Downloading ruff (11.2MiB)", LogEvent("download", "ruff", detail="11.2 MiB")),
    ("Resolved 52 packages in 0.60ms", LogEvent("count", detail="resolved 52")),
    (" + six==1.17.0", LogEvent("added", "six", "1.17.0")),
    (" - six==1.16.0", LogEvent("removed", "six", "1.16.0")),
    (
        "DEBUG Adding transitive dependency for torch==2.13.0+cu130: "
        "triton{python_full_version < '3.15' and sys_platform == 'linux'}>=3.7.1, <3.7.1+",
        LogEvent(
            "requires",
            "torch",
            "2.13.0+cu130",
            detail='triton==3.7.1; python_full_version < "3.15" and sys_platform == "linux"',
        ),
    ),
    ("DEBUG Adding direct dependency: pytest*", LogEvent("wanted", detail="pytest")),
    ("DEBUG Adding direct dependency: anyio>=3, <5", LogEvent("wanted", detail="anyio<5,>=3")),
    (
        "DEBUG Adding direct dependency: pillow>=5.3.0, <8.3.dev0 | >=8.4.dev0",
        LogEvent("wanted", detail="pillow"),
    ),
    (
        f"TRACE Request {WRAPT} does not have a fresh cache because its age is 242 seconds, it is "
        "greater than the freshness lifetime of 60 seconds and stale cached responses are not "
        "allowed",
        LogEvent("lifetime", url=WRAPT, detail="60"),
    ),
    (
        f"TRACE Request to `{WRAPT}` does not have a fresh cache entry because its age is 19 "
        "seconds, it is greater than or equal to the freshness lifetime of 10 seconds and stale "
        "cached responses are not allowed",
        LogEvent("lifetime", url=WRAPT, detail="10"),
    ),
    (
        f"TRACE Cached request {WRAPT} is storable because its response has an 'max-age' "
        "cache-control directive",
        LogEvent("storable", url=WRAPT, detail="max-age"),
    ),
    (
        f"TRACE Response from {WRAPT} is not storable because it has a 'no-store' cache-control "
        "directive",
        LogEvent("unstorable", url=WRAPT, detail="no-store"),
    ),
    ("$ rm -rf .venv && uv sync -v", LogEvent("command", detail="rm -rf .venv && uv sync -v")),
    (
        "me@laptop uv-test % uv pip install -r requirements.txt -vv",
        LogEvent("command", detail="uv pip install -r requirements.txt -vv"),
    ),
    (
        "root@9fffee1db09a:~/test2# RUST_LOG=uv=trace uv pip install foo",
        LogEvent("command", detail="RUST_LOG=uv=trace uv pip install foo"),
    ),
    (
        "   uv_resolver::resolver::get_dependencies package=dill, version=0.3.8",
        LogEvent("resolving", "dill", "0.3.8"),
    ),
    (
        "#12 [ 5/9] RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen",
        LogEvent("command", detail="uv sync --frozen"),
    ),
]
UV += [
    (
        "    0.000873s DEBUG uv uv 0.4.28 (debe67ffd 2024-10-28)",
        LogEvent("installer", "uv", "0.4.28"),
    ),
    ("uv version: 0.2.27", LogEvent("installer", "uv", "0.2.27")),
    (
        "DEBUG Searching for a compatible version of wheel (>=2, <3)",
        LogEvent("sought", detail="wheel<3,>=2"),
    ),
    ("DEBUG Searching for a compatible version of wheel (*)", LogEvent("sought", detail="wheel")),
    (
        "TRACE Request for https://a.example/six/ failed with 403 Forbidden, checking for",
        LogEvent("answered", url="https://a.example/six/", detail="403"),
    ),
    ("uv sync --frozen -v", LogEvent("command", detail="uv sync --frozen -v")),
    ("UV_INDEX_URL=x uv lock", LogEvent("command", detail="UV_INDEX_URL=x uv lock")),
    ("##[group]Run uv sync -v", LogEvent("command", detail="uv sync -v")),
    ("Step 3/5 : RUN uv sync", LogEvent("command", detail="uv sync")),
]
PIP = [
    ("Using pip 25.0 from /venv/lib/pip (python 3.12)", LogEvent("installer", "pip", "25.0")),
    (
        "  Looking in indexes: https://me:secret@packages.example/simple",
        LogEvent("index", url="https://packages.example/simple", detail="default"),
    ),
    (
        '  https://pypi.org:443 "GET /simple/packaging/ HTTP/1.1" 304 0',
        LogEvent("answered", url="https://pypi.org/simple/packaging/", detail="304"),
    ),
    (
        "    Found link https://files.pythonhosted.org/packages/7d/e3/20f3/"
        "requests-2.21.0-py2.py3-none-any.whl#sha256=7bf2 (from https://pypi.org/simple/requests/) "
        "(requires-python:>=2.7), version: 2.21.0",
        LogEvent(
            "link",
            "requests",
            "2.21.0",
            "https://files.pythonhosted.org/packages/7d/e3/20f3/"
            "requests-2.21.0-py2.py3-none-any.whl",
            "https://pypi.org/simple/requests/",
        ),
    ),
    ("Collecting aiohttp (from vllm)", LogEvent("requires", "vllm", detail="aiohttp")),
    (
        "Collecting idna<4,>=2.5 (from requests==2.31->-r requirements.txt (line 1))",
        LogEvent("requires", "requests", "2.31", detail="idna<4,>=2.5"),
    ),
    ("Collecting bar>=1 (from foo->own)", LogEvent("requires", "foo", detail="bar>=1")),
    (
        "  Added bar>=1 from https://a.example/bar-2.0-py3-none-any.whl#sha256=1 (from foo->own) "
        "to build tracker '/tmp/pip-build-tracker-1'",
        LogEvent("requires", "foo", detail="bar>=1"),
    ),
    ("Collecting cmake>=3.21", LogEvent("wanted", detail="cmake>=3.21")),
    (
        "Collecting six (from -r requirements.txt (line 1))",
        LogEvent("wanted", detail="six"),
    ),
    (
        "  Downloading dill-0.3.8-py3-none-any.whl (116 kB)",
        LogEvent("download", "dill", "0.3.8", detail="116 KB"),
    ),
    (
        "  Using cached idna-3.10-py3-none-any.whl (70 kB)",
        LogEvent("cached", "idna", "3.10", detail="70 KB"),
    ),
    ("Successfully installed hf-xet-1.1.8", LogEvent("added", "hf-xet", "1.1.8")),
    (
        "Looking in links: https://a.example/all.html",
        LogEvent("index", url="https://a.example/all.html", detail="links"),
    ),
    (
        "  * https://a.example/simple/wheel/",
        LogEvent("asked", url="https://a.example/simple/wheel/"),
    ),
    (
        "Could not fetch URL https://a.example/simple/six/: connection error - skipping",
        LogEvent("asked", url="https://a.example/simple/six/"),
    ),
]


@pytest.mark.parametrize(("line", "event"), [*UV, *PIP])
def test_line_says_one_thing(line: str, event: LogEvent) -> None:
    """Each of these lines from logs of uv or pip is parsed to one fact."""
    assert read_line(line) == (event,)


@pytest.mark.parametrize(
    "line",
    [
        "DEBUG Found project root: `/home/me/project`",
        "DEBUG No cache entry for: https://[::1/simple/six/",
        "DEBUG Selecting: six==not-a-version! (six.whl)",
        "DEBUG Identified uncached distribution: ../../etc==1.0",
        "Downloading the wheel again (4.6 GiB) is slow",
        "  Downloading six-1.17.0-py2.py3-none-any.whl.metadata (1.7 kB)",
        "dependencies = ['six==1.17.0']",
        "$ ls",
        "pip install is slow with that index",
        "uv sync fails on the second run",
        "Successfully installed nothing",
    ],
)
def test_line_without_use_says_nothing(line: str) -> None:
    """Lines with invalid names, versions or URLs, or without a fact, are ignored."""
    assert read_line(line) == ()


def test_lifetime_is_that_of_the_url_before_it() -> None:
    """A lifetime in a log belongs to the last URL before it."""
    events = read_log(
        f'Looking up "{TQDM}" in the cache\nFreshness lifetime from max-age: 600\n'
        f"TRACE Response from {WRAPT} is storable because it has an 'max-age' cache-control "
        "directive\nTRACE Freshness lifetime found via cache-control max age setting: 60s\n"
    )
    lifetimes = [(event.url, event.detail) for event in events if event.kind == "lifetime"]
    assert lifetimes == [(TQDM, "600"), (WRAPT, "60")]


def test_requirement_is_of_the_span_around_it() -> None:
    """A requirement in a log of uv 0.1 belongs to the release of the enclosing span."""
    events = read_log(
        " uv_resolver::resolver::get_dependencies package=root, version=0a0.dev0\n"
        "   0.193553s   0ms DEBUG uv_resolver::resolver Adding direct dependency: hatchling*\n"
        " uv_resolver::resolver::get_dependencies package=hatchling, version=1.21.1\n"
        "   0.193556s   0ms DEBUG uv_resolver::resolver Adding transitive dependency: pluggy>=1\n"
    )
    assert events == (
        LogEvent("wanted", detail="hatchling"),
        LogEvent("requires", "hatchling", "1.21.1", detail="pluggy>=1"),
    )


def test_no_store_is_of_the_response_before_it() -> None:
    """``no-store`` in a log of pip belongs to the last response before it."""
    events = read_log(
        f'Updating cache with response from "{TQDM}"\n  Response header has "no-store"\n'
    )
    assert events[-1] == LogEvent("unstorable", url=TQDM, detail="no-store")


@pytest.mark.parametrize("part", ["Adding direct dependency: ", "$ ", "(((", "[[[", "a ", "=="])
def test_hostile_line_is_read_to_its_end(part: str) -> None:
    """A line that repeats parts of patterns is parsed in linear time."""
    assert len(read_log("\n".join([f"DEBUG {part * 2000}"] * 20))) <= 20
