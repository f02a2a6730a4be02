"""The program of exported scripts, tested without sockets or processes."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.installers.commands.dialect import Dialect
from pytest_indexcache.installers.pip.dialect import PipDialect
from pytest_indexcache.installers.poetry.dialect import PoetryDialect
from pytest_indexcache.scenario.tables.fields import human_size
from pytest_indexcache.standalone.assembly import program_text
from pytest_indexcache.standalone.program.answers import RecordedIndexes
from pytest_indexcache.standalone.program.counting import count_problems, readable_size
from pytest_indexcache.standalone.program.judging import exit_kind, find_problems
from pytest_indexcache.standalone.program.venvs import installed
from pytest_indexcache.standalone.script import exit_signs

ANSWER = {"status": 200, "headers": [], "kind": "page"}


def test_program_is_of_the_standard_library_and_of_python_3_8() -> None:
    """The program imports only the standard library, and is valid in Python 3.8."""
    tree = ast.parse(program_text(), feature_version=(3, 8))
    names = [it.names[0].name for it in ast.walk(tree) if isinstance(it, ast.Import)]
    names += [it.module or "" for it in ast.walk(tree) if isinstance(it, ast.ImportFrom)]
    own = {name.partition(".")[0] for name in names}
    assert own <= set(__import__("sys").stdlib_module_names)


def test_program_uses_types_of_later_pythons_only_in_annotations() -> None:
    """Python 3.8 cannot evaluate ``dict[str, int]``, but evaluates no annotation of the program."""
    tree = ast.parse(program_text())
    notes = [it.annotation for it in ast.walk(tree) if isinstance(it, ast.arg | ast.AnnAssign)]
    notes += [it.returns for it in ast.walk(tree) if isinstance(it, ast.FunctionDef)]
    unevaluated = {id(it) for note in notes if note is not None for it in ast.walk(note)}
    generics = {"dict", "list", "set", "tuple", "type", "Callable", "Iterable", "Iterator"}
    evaluated = [
        it.value.id
        for it in ast.walk(tree)
        if isinstance(it, ast.Subscript)
        and isinstance(it.value, ast.Name)
        and id(it) not in unevaluated
    ]
    assert not generics & set(evaluated)


@pytest.mark.parametrize(
    ("url", "accept", "found"),
    [
        ("https://a.example/six/", "application/vnd.pypi.simple.v1+json, text/html;q=0.1", "json"),
        ("https://a.example/six/", "application/vnd.pypi.simple.v1+html", "v1+html"),
        ("https://a.example/six/", "*/*", "html"),
        ("https://a.example/a+b.whl#sha256=x", "", "file"),
        ("https://a.example/a%2Bb.whl", "", "file"),
        ("https://a.example/other/", "", "missing"),
        ("https://b.example/", "", None),
    ],
)
def test_recorded_answer_is_found(url: str, accept: str, found: str | None) -> None:
    """An answer is found by Accept and decoded URL, and any other request gets a 404."""
    page = {form: {**ANSWER, "form": form} for form in ("json", "v1+html", "html")}
    urls = {
        "https://a.example/six/": page,
        "https://a.example/a%2Bb.whl": {"any": {"form": "file"}},
    }
    stage = {"urls": urls, "missing": {"https://a.example/": {"form": "missing", "headers": []}}}
    indexes = RecordedIndexes({"stages": [stage], "bodies": {}})
    assert indexes.find(url, accept).get("form") == found


@pytest.mark.parametrize(
    ("expected", "names", "problems"),
    [
        ({}, [], []),
        ({}, ["a", "a"], ["downloads.a: expected 0, seen 2"]),
        ({"a": 1, "b*": ">= 1"}, ["a", "bc"], []),
        ({"a": "<= 1"}, ["a", "a"], ["downloads.a: expected <= 1, seen 2"]),
        ({"*.whl": 1, "a-1.tar.gz": 1}, ["a"], ["downloads.a-1.tar.gz: expected 1, seen 0"]),
        (1, ["a", "b"], ["downloads: expected 1, seen 2"]),
        ("any", ["a"], []),
    ],
)
def test_counts_are_judged_as_a_play_judges_them(
    expected: Any, names: list[str], problems: list[str]
) -> None:
    """As in a play, a key matches projects or files, and what no key matches is unexpected."""
    asked = [(name, f"{name}-1-py3-none-any.whl", 1) for name in names]
    assert list(count_problems("downloads", expected, asked)) == problems


def test_redirect_of_an_unknown_project_leads_to_that_project() -> None:
    """The redirect of unknown projects leads to the project that was requested."""
    answer = {"headers": [["Location", "https://b.example/no-such-project/"]]}
    stage = {"urls": {}, "missing": {"https://a.example/simple/": answer}}
    found = RecordedIndexes({"stages": [stage], "bodies": {}}).find(
        "https://a.example/simple/six/", ""
    )
    assert found["headers"] == [["Location", "https://b.example/six/"]]


def fault(**changes: Any) -> dict[str, Any]:
    """Return a recorded fault of one file."""
    urls = {"https://a.example/a.whl": {"any": {"form": "spoiled"}}}
    usual = {"index": "a", "how": "cut", "left": 1, "method": None, "pauses": False}
    return {**usual, "urls": urls, "missing": {}, **changes}


@pytest.mark.parametrize(
    ("changes", "asked", "counts"),
    [
        ({}, ("GET", "https://a.example/a.whl", 200, False), 1),
        ({"left": None}, ("GET", "https://a.example/a.whl", 200, False), 3),
        ({"left": 2}, ("GET", "https://a.example/a.whl", 200, False), 2),
        ({}, ("GET", "https://a.example/b.whl", 200, False), 0),
        ({}, ("GET", "https://a.example/a.whl", 304, False), 0),
        ({}, ("HEAD", "https://a.example/a.whl", 200, False), 0),
        ({"how": "status"}, ("HEAD", "https://a.example/a.whl", 404, False), 1),
        ({"how": "status", "method": "GET"}, ("HEAD", "https://a.example/a.whl", 200, False), 0),
        ({"how": "not-modified"}, ("GET", "https://a.example/a.whl", 304, False), 1),
        ({"how": "not-modified"}, ("GET", "https://a.example/a.whl", 404, False), 0),
        ({"how": "long-range"}, ("GET", "https://a.example/a.whl", 200, False), 0),
        ({"how": "long-range"}, ("GET", "https://a.example/a.whl", 200, True), 1),
        ({"how": "slow"}, ("GET", "https://a.example/a.whl", 404, False), 1),
        ({"how": "slow", "pauses": True}, ("GET", "https://a.example/a.whl", 404, False), 0),
    ],
)
def test_fault_befalls_as_many_requests_as_in_a_play(
    changes: dict[str, Any], asked: tuple[str, str, int, bool], counts: int
) -> None:
    """A fault applies to requests that it can spoil, in their order, and ends after its count."""
    indexes = RecordedIndexes({"stages": [{"urls": {}, "missing": {}}], "bodies": {}})
    indexes.change_faults({"faults": [fault(**changes)]})
    method, url, status, has_range = asked
    taken = [indexes.take_fault(method, url, "", status, has_range) for _ in range(3)]
    assert sum(it is not None for it in taken) == counts
    assert all(it is None or it["answer"] == {"form": "spoiled"} for it in taken)


def test_mend_ends_the_faults_of_its_index() -> None:
    """When the faults of one index end, the faults of another index stay."""
    indexes = RecordedIndexes({"stages": [{"urls": {}, "missing": {}}], "bodies": {}})
    indexes.change_faults({"faults": [fault(left=None), fault(index="b", left=None)]})
    indexes.change_faults({"mends": "a"})
    assert [it["index"] for it in indexes.faults] == ["b"]


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("", 401),
        ("Basic YWRhOnB3", 200),
        ("basic YWRhOnB3", 200),
        ("Basic YWRhOnh4", 403),
        ("Bearer YWRhOnB3", 403),
        ("Basic §", 403),
    ],
)
def test_page_of_an_index_with_users_needs_one_of_them(authorization: str, status: int) -> None:
    """A page of an index with users is a 401 without a user, and a 403 for a wrong user."""
    page = {
        "status": 200,
        "index": "a",
        "anonymous": {"status": 401, "headers": [], "body": ""},
        "stranger": {"status": 403, "headers": [], "body": ""},
    }
    stage = {
        "urls": {"https://a.example/six/": {"any": page}},
        "missing": {},
        "users": {"a": {"ada": "pw"}},
    }
    indexes = RecordedIndexes({"stages": [stage], "bodies": {}})
    assert indexes.find("https://a.example/six/", "", authorization)["status"] == status


def test_host_of_an_index_that_is_down_is_out_of_reach() -> None:
    """While a stage lasts, hosts that it lists as unreachable accept no connections."""
    down = {"urls": {}, "missing": {}, "unreachable": ["a.example"]}
    indexes = RecordedIndexes({"stages": [down, {"urls": {}, "missing": {}}], "bodies": {}})
    assert not indexes.is_reachable("a.example")
    assert indexes.is_reachable("b.example")
    indexes.stage = 1
    assert indexes.is_reachable("a.example")


@pytest.mark.parametrize("size", [0, 1023, 1024, 11_500, 256 << 20, 175.4 * (1 << 20), 15 << 40])
def test_sizes_are_written_as_commands_write_them(size: float) -> None:
    """The script formats sizes with its own table of units, which is equal to the package's."""
    assert readable_size(size) == human_size(size)


WHEEL = {
    "kind": "wheel",
    "project": "six",
    "file": "six-1-py3-none-any.whl",
    "method": "GET",
    "status": 200,
    "sent": 1000,
    "nominal": 2000,
    "index": "pypi",
    "download": True,
    "fields": {"user-agent": "uv/1", "accept": "*/*"},
}
RANGE = {**WHEEL, "status": 206, "sent": 10, "download": False, "fields": {"range": "bytes=-9"}}
PAGE = {
    "kind": "page",
    "project": "six",
    "method": "GET",
    "status": 304,
    "revalidated": True,
    "index": "pypi",
    "fields": {"if-none-match": '"a"'},
}
LOST = {"kind": "other", "refused": True, "failed": True}


@pytest.mark.parametrize(
    ("expect", "problems"),
    [
        ({"requests": 4}, []),
        ({"requests": 3}, ["requests.total: expected 3, seen 4"]),
        ({"requests": {"page": 1, "wheel": 2, "range": 1, "conditional": 1}}, []),
        ({"requests": {"revalidated": 1, "failed": 1, "refused": 1, "head": 0}}, []),
        ({"requests": {"other": 1}}, ["requests.other: expected 1, seen 0"]),
        ({"requests-to": {"pypi": {"total": 3}, "b": {"total": 0}}}, []),
        ({"requests-to": {"pypi": {"page": 0}}}, ["requests-to.pypi.page: expected 0, seen 1"]),
        ({"bytes": 1010}, []),
        ({"bytes": {"six": "<= 1000"}}, ["bytes.six: expected <= 1000, seen 1010"]),
        ({"nominal": "== 2000"}, []),
        ({"nominal": "< 2000"}, ["nominal: expected < 2000, seen 2000"]),
        ({"fields": {"page": {"If-None-Match": True, "range": False}}}, []),
        ({"fields": {"range": {"Range": "bytes=-*"}}}, []),
        (
            {"fields": {"page": {"if-none-match": False}}},
            ['fields.page.if-none-match: expected False, seen "a"'],
        ),
        (
            {"fields": {"sdist": {"range": True}}},
            ["fields.sdist.range: expected True, seen no request"],
        ),
    ],
)
def test_requests_are_judged_by_kind_index_and_bytes(
    expect: dict[str, Any], problems: list[str]
) -> None:
    """Requests, bytes, nominal sizes and header fields are judged as in a play."""
    state: dict[str, Any] = {"venv": {}, "lockfile": None, "locks": []}
    seen = [WHEEL, RANGE, PAGE, LOST]
    assert list(find_problems({"expect": expect}, seen, state, state)) == problems


@pytest.mark.parametrize(
    ("expect", "problems"),
    [
        ({"installed": {"six": "2"}, "installed-count": 3, "absent": ["t*h"]}, []),
        ({"installed": {"six": "1"}}, ["installed.six: expected 1, seen 2"]),
        ({"absent": ["s*"]}, ["absent.s*: same, six installed"]),
        ({"added": {"six": "2", "Foo.Bar": "1"}, "removed": {"six": "1", "old": "3"}}, []),
        ({"added": 2, "removed": 1}, ["removed: expected 1, seen 2"]),
        ({"added": {"six": "2"}}, ["added.foo-bar: expected None, seen 1"]),
        ({"builds-of": {"foo.bar": "cpu"}}, []),
        ({"builds-of": {"six": "cpu"}}, ["builds-of.six: expected cpu, seen no marker"]),
        ({"builds-of": {"no": "x"}}, ["builds-of.no: expected x, seen not installed"]),
        ({"origin": {"six": "index"}, "editable": {"six": False}}, []),
        ({"origin": {"six": "path"}}, ["origin.six: expected path, seen index"]),
        ({"editable": {"six": True}}, ["editable.six: expected editable, seen no"]),
        ({"reinstalled": {"same": "1"}}, []),
        ({"reinstalled": 0}, ["reinstalled: expected 0, seen 1"]),
        ({"output": {"contains": ["Resolved"], "lacks": ["Downloaded"]}}, []),
        ({"output": {"contains": ["x"]}}, ["output.contains: 'x' is not there"]),
        ({"output": {"lacks": ["Resolved"]}}, ["output.lacks: 'Resolved' is there"]),
        ({"builds": {"six": 1}}, []),
        ({"builds": {}}, ["builds.six: expected 0, seen 1"]),
        ({"venv-files": {"lib/**/foo_bar.py": True, "**/no.py": False, "lib/**": "== 1"}}, []),
        ({"venv-files": {"**/foo_bar.py": 2}}, ["venv-files.**/foo_bar.py: expected 2, seen 1"]),
        ({"lockfile": "changed"}, []),
        ({"lockfile": "unchanged"}, ["lockfile: expected unchanged, seen written"]),
    ],
)
def test_venvs_and_lockfiles_are_judged_by_what_a_step_changed(
    tmp_path: Path, expect: dict[str, Any], problems: list[str]
) -> None:
    """The venv and the lockfile after a step are compared with those before it."""
    for name, files in (
        ("before", ("six-1", "old-3", "same-1")),
        ("after", ("six-2", "foo_bar-1", "same-1")),
    ):
        packages = tmp_path / name / "lib/python3.12/site-packages"
        for file in files:
            (packages / f"{file}.dist-info").mkdir(parents=True)
        (packages / "foo_bar.py").write_text('__build__ = "cpu"\n', encoding="utf-8")
    before, after = installed(tmp_path / "before"), installed(tmp_path / "after")
    ended = {"output": "Resolved 2 packages", "builds": {"six": 1}, "place": tmp_path / "after"}
    states = (
        {"venv": before, "lockfile": None},
        {"venv": after, "lockfile": b"x", "locks": [], **ended},
    )
    assert list(find_problems({"expect": expect}, [], *states)) == problems


SIGNS = {
    "crashed": "(?m)^thread .* panicked",
    "unknown": "unexpected argument '.*'",
    "unplayable": ["Failed to install Python \\S+"],
    "crash_codes": [101],
}


@pytest.mark.parametrize(
    ("code", "output", "kind"),
    [
        (0, "thread 'main' panicked", "success"),
        (None, "", "hang"),
        (1, "No solution found", "failure"),
        (2, "error: unexpected argument '--x' found", "usage"),
        (1, "\nthread 'main' panicked at x.rs", "crash"),
        (101, "", "crash"),
        (-11, "", "crash"),
    ],
)
def test_exits_have_the_kinds_of_a_play(code: int | None, output: str, kind: str) -> None:
    """A panic, an unknown argument, a signal and a time limit are not orderly failures."""
    assert exit_kind(code, output, SIGNS) == kind


@pytest.mark.parametrize(
    ("code", "output"),
    [(-9, ""), (127, "env: python: No such file"), (1, "Failed to install Python 3.9")],
)
def test_exit_that_says_nothing_about_caching_is_no_verdict(code: int, output: str) -> None:
    """If the installer was killed or could not start, the script has no verdict."""
    with pytest.raises(OSError, match=r"was killed, or did not start|the installer said"):
        exit_kind(code, output, SIGNS)


@pytest.mark.parametrize(
    ("dialect", "output"),
    [
        (
            PipDialect,
            "ERROR: This version of pip does not support python 3.8 (requires >=3.10).",
        ),
        (PoetryDialect, "Current Python version (3.8.18) is not allowed by the project (>=3.9)."),
    ],
)
def test_refused_python_is_no_verdict(dialect: type[Dialect], output: str) -> None:
    """If pip or Poetry refuses the Python that runs it, the script has no verdict."""
    with pytest.raises(OSError, match="the installer said"):
        exit_kind(1, output, exit_signs(dialect))


@pytest.mark.parametrize(
    ("wanted", "problems"),
    [
        ("failure", []),
        ("any", []),
        (2, []),
        (1, ["exit 2 (failure), expected 1"]),
        ("crash", ["exit 2 (failure), expected crash"]),
    ],
)
def test_exit_is_judged_by_kind_or_code(wanted: Any, problems: list[str]) -> None:
    """The expected exit is a kind or a code."""
    state: dict[str, Any] = {
        "venv": {},
        "lockfile": None,
        "locks": [],
        "exit": "failure",
        "code": 2,
    }
    assert list(find_problems({"expect": {"exit": wanted}}, [], state, state)) == problems


def test_redirects_get_new_signatures_which_alone_are_valid() -> None:
    """A signed URL is answered if its signature came from a redirect, and refused otherwise."""
    place = "https://a.example/s/six.whl"
    urls: dict[str, Any] = {place: {"any": {}}, f"{place}?signature=": {"any": {}}}
    indexes = RecordedIndexes({"stages": [{"urls": urls, "missing": {}}], "bodies": {}})
    first, second = (indexes.signed(f"{place}?signature=recorded") for _ in range(2))
    assert first != second
    assert indexes.recorded_url(first) == indexes.recorded_url(second) == f"{place}?signature="
    assert indexes.recorded_url(f"{place}?signature=recorded") == place
    other = "https://b.example/six.whl?signature=own"
    assert indexes.signed(other) == indexes.recorded_url(other) == other
