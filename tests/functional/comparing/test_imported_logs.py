# ruff: noqa: E501 (lines of logs are as long as they are)
"""Drafts of short logs that have the shapes of logs in reports."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any

import pytest

from pytest_indexcache.scenario.loader import loads
from tests.unit.drafts.test_drafting import draft_of

A = "https://a.example/simple"
DEVPI = "https://a.example/org/dev/+simple"
NEXUS = "https://<our-index>/repository/all"
JFROG = "https://a.example/artifactory/api/pypi/all"
CLOUD = "https://cdn.example/nightly"
WHEEL = "foo-1.0-py3-none-any.whl"

SPANS = f"""\
PS C:\\work> uv sync -vv
    0.000873s DEBUG uv uv 0.4.28 (debe67ffd 2024-10-28)
 uv_client::linehaul::linehaul
Resolved 2 packages in 3ms
    0.013413s DEBUG uv_installer::plan Identified uncached distribution: foo==1.0
            0.015890s   1ms DEBUG uv_client::cached_client Found stale response for: {JFROG}/packages/packages/ce/{WHEEL}
error: Failed to prepare distributions
  Caused by: HTTP status server error (500 Internal Server Error) for url ({JFROG}/packages/packages/ce/{WHEEL})
"""
COMPILE = f"""\
$ uv pip compile requirements.txt --no-cache -v
DEBUG uv 0.2.27
DEBUG Adding direct dependency: foo==1.0
DEBUG No cache entry for: {NEXUS}/simple/foo/
DEBUG Selecting: foo==1.0 [compatible] (foo-1.0-py3-none-any.whl)
DEBUG No cache entry for: {NEXUS}/packages/foo/1.0/{WHEEL}#sha256=3cd2
WARN Range requests unsupported when fetching metadata for foo==1.0; downloading wheel directly
DEBUG Adding transitive dependency for foo==1.0: foo==1.0
DEBUG Adding transitive dependency for foo==1.0: bar>=0.5
DEBUG No cache entry for: {NEXUS}/simple/bar/
DEBUG Selecting: bar==3.1 [compatible] (bar-3.1-py3-none-any.whl)
"""
WIDE = f"""\
$ uv run -vvv pytest --version
TRACE Cached request {DEVPI}/foo/ is storable because its response has a heuristically cacheable status code 200        TRACE Could not determine freshness lifetime, assuming none exists
TRACE Request {DEVPI}/foo/ does not have a fresh cache because its age is 22 seconds, it is greater than the freshness lifetime of 0 seconds and stale cached responses are not allowed
DEBUG Found stale response for: {DEVPI}/foo/     TRACE Handling request for {DEVPI}/foo/
"""
TRACE = f"""\
$ RUST_LOG=trace uv lock --index-url https://me:pass@a.example/simple
DEBUG uv 0.8.20
TRACE Response from {A}/foo/ is storable because it has a 'public' cache-control directive
TRACE Freshness lifetime found via cache-control max age setting: 0ns
TRACE Request to {A}/foo/ has a cached response that does not permit staleness because the response has a 'must-revalidate' cache-control directive set
DEBUG Found stale response for: {A}/foo/
TRACE Resource is not modified because old and new etag values ([34, 97]) match
TRACE Response from {A}/foo/{WHEEL} is storable because it has an 'Expires' header set
TRACE Freshness lifetime found via expires header: 300s
DEBUG Selecting: foo==1.0 [compatible] (foo-1.0-py3-none-any.whl)
"""
NAMED = f"""\
$ uv pip install --extra-index-url {CLOUD} foo --pre -v
DEBUG uv 0.6.17
DEBUG Adding direct dependency: foo*
DEBUG No cache entry for: {CLOUD}/foo/
DEBUG Searching for a compatible version of foo (*)
DEBUG No cache entry for: {CLOUD}/bar/
DEBUG Searching for a compatible version of bar (>=2, <3)
"""
REDIRECTED = f"""\
$ uv pip install -v foo
DEBUG uv 0.7.20
DEBUG No cache entry for: {DEVPI}/foo/
DEBUG Selecting: foo==1.0 [compatible] (foo-1.0-py3-none-any.whl)
DEBUG No cache entry for: https://a.example/root/pypi/+f/436/4d3/{WHEEL}
DEBUG Received HTTP 302 Found. Redirecting to https://files.pythonhosted.org/packages/18/12/{WHEEL}
"""
OLD_PIP = f"""\
$ pip install -vvv -i {JFROG}/simple foo
Collecting foo
  1 location(s) to search for versions of foo:
  * {JFROG}/simple/foo/
  Looking up "{JFROG}/simple/foo/" in the cache
  Starting new HTTPS connection (1): a.example
  "GET /artifactory/api/pypi/all/simple/foo/ HTTP/1.1" 302 None
  Updating cache with response from "{JFROG}/simple/foo/"
  Caching due to etag
    Found link {JFROG}/packages/7a/foo-1.0-py2.py3-none-any.whl#md5=575b (from {JFROG}/simple/foo/), version: 1.0
  Using cached foo-1.0-py2.py3-none-any.whl
"""
FAILED_PIP = f"""\
pip install foo==3.0
Looking in indexes: https://me:pass@a.example/simple, {CLOUD}
WARNING: Retrying (Retry(total=4)) after connection broken by 'SSLError(...)': /simple/foo/
Could not fetch URL {A}/foo/: There was a problem confirming the ssl certificate - skipping
ERROR: Could not find a version that satisfies the requirement foo==3.0 (from versions: 1.0, 2.0)
ERROR: No matching distribution found for foo==3.0
"""
MOVED = f"""\
$ uv sync -v
DEBUG uv 0.7.20
DEBUG Adding direct dependency: foo*
DEBUG No cache entry for: {DEVPI}/foo/
DEBUG No cache entry for: {DEVPI}/bar/
DEBUG Received HTTP 301 Moved. Redirecting to {CLOUD}/simple/foo/
DEBUG Selecting: foo==1.0 [compatible] (foo-1.0-py3-none-any.whl)
DEBUG Selecting: bar==2.0 [compatible] (bar-2.0-py3-none-any.whl)
"""
SIGNED = f"""\
$ pip install -vv -i {A} foo bar
Using pip 25.0 from /venv/lib/pip (python 3.12)
Looking in indexes: {A}
  https://a.example:443 "GET /simple/foo/ HTTP/1.1" 200 100
  https://a.example:443 "GET /files/{WHEEL} HTTP/1.1" 302 0
  https://blob.example:443 "GET /store/12?sig=abc HTTP/1.1" 200 1000
  Downloading {WHEEL} (11 kB)
  https://a.example:443 "GET /simple/bar/ HTTP/1.1" 302 0
  https://cdn.example:443 "GET /nightly/bar/ HTTP/1.1" 200 1000
  Downloading bar-2.0-py3-none-any.whl (11 kB)
"""
LOGS = {
    "spans": SPANS, "compile": COMPILE, "wide": WIDE, "trace": TRACE, "named": NAMED,
    "moved": MOVED, "signed": SIGNED, "redirected": REDIRECTED, "old pip": OLD_PIP, "failed pip": FAILED_PIP,
}  # fmt: skip


def github(text: str) -> str:
    """Wrap a log in the lines that GitHub Actions prints."""
    return "".join(f"2024-05-01T10:00:00.1234567Z {line}\n" for line in text.splitlines())


WRAPPERS: dict[str, Callable[[str], str]] = {
    "github": github,
    "azure": lambda text: github(text).replace("Z error:", "Z ##[error]error:"),
    "gitlab": lambda text: "".join(f"\x1b[0;m{line}\x1b[0K\r\n" for line in text.splitlines()),
    "buildx": lambda text: "".join(f"#12 3.456 {line}\n" for line in text.splitlines()),
    "compose": lambda text: "".join(f"app-1  | {line}\n" for line in text.splitlines()),
    "kubernetes": lambda text: "".join(
        f"2024-05-01T10:00:00.123456789Z stdout F {line}\n" for line in text.splitlines()
    ),
    "quoted": lambda text: "".join(f"> {line}\n" for line in f"```\n{text}```".splitlines()),
    "details": lambda text: f"# t\n\n<details>\n\n```\n{text}```\n\n</details>\n",
    "indented": lambda text: (
        "# t\n```\nx\n```\n" + "".join(f"    {line}\n" for line in text.splitlines())
    ),
    "lines of Windows": lambda text: text.replace("\n", "\r\n"),
}


def table_of(text: str) -> dict[str, Any]:
    """Return the tables of the draft of a text, after checking that the draft can be played."""
    draft = draft_of(text)
    assert loads(draft)
    return tomllib.loads(draft)


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("log", LOGS)
def test_wrapped_log_gives_the_same_indexes_and_steps(log: str, wrapper: str) -> None:
    """Time stamps of a CI and quotation marks of Markdown change no table of a draft."""
    plain, wrapped = table_of(LOGS[log]), table_of(WRAPPERS[wrapper](LOGS[log]))
    assert {**wrapped, "title": ""} == {**plain, "title": ""}


def test_draft_of_a_log_without_a_project_names_what_to_fill_in() -> None:
    """A log that names no project becomes a draft that can be played, with a name to replace."""
    draft = draft_of("$ uv pip install -v -r requirements.txt\nDEBUG uv 0.8.2\n")
    assert loads(draft)
    assert (
        "# to be read: the log names no project: put the right one in place of to-be-named" in draft
    )


def test_wheel_may_be_read_twice_without_ranges() -> None:
    """If a log shows that ranges are not supported, its draft does not count first downloads."""
    log = REDIRECTED + f"WARN Range requests not supported for {WHEEL}; streaming wheel\n"
    first, _, last = table_of(log)["steps"]
    assert "downloads" not in first["expect"]
    assert last["expect"]["downloads"] == {}


@pytest.mark.parametrize(
    ("log", "words"),
    [
        (
            SPANS,
            [
                'uv = "==0.4.28"', f'url = "{JFROG}/simple"', 'server = "artifactory"',
                "# to be read: only the URLs of files", "# to be read: the log has status 500: ",
                "# status = 500", '# kind = "wheel"', "# error: Failed to prepare distributions",
            ],
        ),
        (
            COMPILE,
            [
                'url = "https://our-index.example/repository/all/simple"', 'server = "nexus"',
                "names that the log hides were filled in: <our-index>", "ranges = false",
                'foo."1.0" = { requires = ["bar>=0.5"] }', 'do = "compile"',
                "# to be read: without a cache each file is downloaded again",
            ],
        ),
        (WIDE, [f'url = "{DEVPI}"', 'server = "devpi"', 'foo."1.0" = {}', "nothing names this"]),
        (
            TRACE,
            [
                "default = true", 'cache-control = "public, must-revalidate, max-age=0"',
                'expires = "${date+300}"', "etag = ", 'do = "lock"',
            ],
        ),
        (
            NAMED,
            [
                f'url = "{CLOUD}"', 'foo."1.0" = {', "bar.2 = {}", "prereleases = true",
                'requirements = ["foo"]',
            ],
        ),
        (
            REDIRECTED,
            [
                "# to be read: the log has status 302: https://a.example/root/pypi/+f/",
                f"leads to https://files.pythonhosted.org/packages/18/12/{WHEEL}",
            ],
        ),
        (
            MOVED,
            [
                "answers = { redirect = 301 }",
                f'pages.foo]\nredirect = "{CLOUD}/simple/foo/"', f'url = "{CLOUD}/simple"',
                'indexes = ["a-example-dev"]',
            ],
        ),
        (
            SIGNED,
            [
                'signed-urls = "https://blob.example/store/"', "redirected to signed URLs",
                f'pages.bar]\nredirect = "{CLOUD}/bar/"', f'url = "{CLOUD}"\n',
            ],
        ),
        (
            OLD_PIP,
            [
                f'url = "{JFROG}/simple"', "default = true", "etag = ",
                f"# to be read: the log has status 302: {JFROG}/simple/foo/",
            ],
        ),
        (
            FAILED_PIP,
            [
                f'url = "{A}"', f'url = "{CLOUD}"', 'foo."1.0" = {}', 'foo."2.0" = {}',
                'foo."3.0" = {}', 'requirements = ["foo==3.0"]', 'extra-indexes = ["cdn-example',
                "# ERROR: No matching distribution found for foo==3.0",
            ],
        ),
    ],
)  # fmt: skip
def test_draft_keeps_what_the_log_holds(log: str, words: list[str]) -> None:
    """The draft of a log contains its indexes, releases, statuses, header fields and errors."""
    draft = draft_of(log)
    assert [word for word in words if word not in draft] == []
    assert ("pypi.org/simple" in draft) is ("--extra-index-url" in log)
    assert "pass@" not in draft


EXPLICIT = f"""\
```
[project]
name = "p"
dependencies = []
[tool.uv.sources]
foo = {{ index = "team" }}
[[tool.uv.index]]
name = "team"
url = "{A}"
explicit = true
```
```
$ uv sync -v
DEBUG uv 0.9.21
DEBUG Identified uncached distribution: foo==1.0
DEBUG Identified uncached distribution: bar==2.0
DEBUG Found stale response for: {A}/foo/{WHEEL}
DEBUG Found stale response for: {A}/bar/bar-2.0-py3-none-any.whl
```
"""
MIRRORED = f"""\
```
$ uv pip install foo==1.0 --index-url {A}
$ uv pip install foo==1.0 --index-url {CLOUD}
DEBUG uv 0.9.21
DEBUG Selecting: foo==1.0 [compatible] (foo-1.0-py3-none-any.whl)
DEBUG Adding transitive dependency for foo==1.0: bar>=2
DEBUG Selecting: bar==2.0 [compatible] (bar-2.0-py3-none-any.whl)
```
"""
FORKED = f"""\
```
[project]
name = "p"
dependencies = []
[project.optional-dependencies]
cpu = ["foo>=1"]
[tool.uv.sources]
foo = [{{ index = "team", extra = "cpu", marker = "sys_platform != 'darwin'" }}]
[[tool.uv.index]]
name = "team"
url = "{A}"
explicit = true
```
```
$ uv sync -v
DEBUG uv 0.5.4
DEBUG No cache entry for: {A}/foo/
DEBUG Selecting: foo==1.0 [compatible] (foo-1.0-py3-none-any.whl)
DEBUG No cache entry for: {A}/foo/{WHEEL}
DEBUG No cache entry for: https://pypi.org/simple/foo/
DEBUG Selecting: foo==1.1 [compatible] (foo-1.1-py3-none-any.whl)
DEBUG No cache entry for: https://files.pythonhosted.org/packages/ab/cd/ef/foo-1.1-py3-none-any.whl
```
"""


def _projects(draft: str) -> dict[str, list[str]]:
    """Return the names of projects for each index of a draft."""
    indexes = loads(draft).indexes
    return {index.url: sorted(index.packages) for index in indexes.values()}


def test_project_of_an_explicit_index_gets_a_source() -> None:
    """A project on an explicit index gets a source, so that installers request it there."""
    draft = draft_of(EXPLICIT)
    assert 'bar = { index = "team", explicit = true }' in draft
    assert "to be read: only an explicit index has these, so sources were added: bar" in draft


def test_each_default_index_of_commands_has_the_project() -> None:
    """If commands have different default indexes, each one has the project and its requirements."""
    projects = _projects(draft_of(MIRRORED))
    assert projects == {A: ["bar", "foo"], CLOUD: ["bar", "foo"]}


def test_file_of_pypi_is_on_pypi() -> None:
    """A file of PyPI is on PyPI if its page was requested there, although a source exists."""
    assert _projects(draft_of(FORKED)) == {A: ["foo"], "https://pypi.org/simple": ["foo"]}
