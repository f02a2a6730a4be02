"""Names and contents of a scenario's files; attacks are tested in tests/security."""

from __future__ import annotations

import pytest

from pytest_indexcache.errors import ScenarioError
from pytest_indexcache.scenario.loader import loads

HEAD = """title = "t"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages.torch."1.0"]
"""
SYNC = '[[steps]]\ndo = "sync"\nexpect = { installed-count = 0 }\n'


def problems(text: str) -> str:
    """Return the problems of a scenario."""
    with pytest.raises(ScenarioError) as caught:
        loads(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("project/override.txt", "torch>=2"),
        ("notes.md", "x = 1"),
        ("project/.python-version", "3.12"),
        ("a/uv.lock", "version = 1"),
        ("a/pylock.b.toml", "lock-version = '1.0'"),
    ],
)
def test_files_of_text_are_data(name: str, text: str) -> None:
    """Files that installers read as data, or do not read, are accepted."""
    scenario = loads(f'{HEAD}{SYNC}[files]\n"{name}" = "{text}"\n')
    assert name in scenario.files


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("project/setup.sh", "of a kind that might be run"),
        ("project/evil.pth", "of a kind that might be run"),
        ("project/script", "of a kind that might be run"),
        ("project/.venv/lib/a.txt", "hidden: '.venv'"),
        (".home/.config/uv/uv.toml", "hidden: '.home'"),
    ],
)
@pytest.mark.parametrize("in_edit", [False, True])
def test_files_that_might_be_run_are_refused(name: str, reason: str, in_edit: bool) -> None:
    """Files that might be executed are refused, both in ``files`` and in edits."""
    edit = f'[[steps]]\ndo = "edit"\nfiles = {{ "{name}" = "" }}\n'
    text = f"{HEAD}{edit}{SYNC}" if in_edit else f'{HEAD}{SYNC}[files]\n"{name}" = ""\n'
    assert reason in problems(text)


@pytest.mark.parametrize(
    "text", ["[project]\nname = 'a'\n[tool.uv]\npackage = false", "build-system = 1"]
)
def test_project_files_may_be_wrong(text: str) -> None:
    """Numbers and booleans of the wrong type are accepted in files, as installers report them."""
    scenario = loads(f"{HEAD}{SYNC}[project-files]\nuv = '''\n{text}'''\n")
    assert scenario.project_files["uv"] == text


def test_problem_of_a_file_names_the_key_within() -> None:
    """The message gives the key path in the scenario, the key path in the file, and a hint."""
    text = problems(f"{HEAD}{SYNC}[project-files]\nuv = '''\n[tool.uv]\npackages = true'''\n")
    wrong = "project-files.uv: tool.uv.packages: not a key that a scenario's file may have"
    assert f"{wrong} (did you mean 'package'?)" in text


@pytest.mark.parametrize(
    ("tables", "problem"),
    [
        ("[local-projects.x]\npath = 'a/.venv'", "local-projects.x.path: the folder is an"),
        ("[local-projects.x]\npath = '.home/x'", "the folder is an installer's own: '.home'"),
        ("[local-projects.x]\npath = '__pypackages__'", "installer's own: '__pypackages__'"),
        ("[local-projects.x]\npath = 'lib/site-packages/x'", "own: 'site-packages'"),
        (
            "[[steps]]\ndo = 'edit'\nlocal-projects.x.path = 'project/.poetry/x'",
            "steps[2].local-projects.x.path: the folder is an installer's own: '.poetry'",
        ),
        ("[[steps]]\ndo = 'sync'\nvenv = '__PyPackages__'", "steps[2].venv: the folder is an"),
        ("[[steps]]\ndo = 'sync'\nfolder = 'Site-Packages'", "steps[2].folder: the folder is"),
    ],
)
def test_folders_of_installers_are_no_scenarios(tables: str, problem: str) -> None:
    """Names of folders that installers could take for a venv, plugin or Python are refused."""
    assert problem in problems(f"{HEAD}{SYNC}{tables}\n")


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ('[local-files]\n".cache/foo-1.0.tar.gz" = {}', "an installer's own: '.cache'"),
        ('[local-files]\n"v/site-packages/foo-1.0-py3-none-any.whl" = {}', "'site-packages'"),
        ('[local-files]\n"__pypackages__/foo-1.0.tar.gz" = {}', "'__pypackages__'"),
        ('[[steps]]\ndo = "edit"\nremove = ["v/bin/python"]', "part of what is installed: 'bin'"),
        ('[[steps]]\ndo = "edit"\ntouch = [".venv/x/six-1.0.tar.gz"]', "own: '.venv'"),
        (
            '[[steps]]\ndo = "edit"\nreplace-text."w/foo-1.0.tar.gz" = { old = "a", new = "b" }',
            "of a kind that might be run",
        ),
    ],
)
def test_no_file_lies_or_changes_where_installers_have_their_own(table: str, problem: str) -> None:
    """A scenario can neither change files in installers' folders nor edit archives as text."""
    step = '[[steps]]\ndo = "lock"\nexpect.requests.page = 0\n'
    assert problem in problems(f"{HEAD}{table}\n{step}")


def test_a_text_is_limited_with_its_placeholders_filled_in() -> None:
    """Lengths of texts, single and total, are limited with placeholders filled in."""
    url = f"https://pypi.org/{'s' * 3000}"
    head = HEAD.replace("https://pypi.org/simple", url)
    assert head != HEAD
    text = "${url:a-1.0.tar.gz}" * 350
    assert "filled in, the text has 1," in problems(f'{head}[files]\n"a.md" = "{text}"\n{SYNC}')
    files = "".join(f'"a{number}.md" = "{text[: 340 * 19]}"\n' for number in range(17))
    said = problems(f"{head}[files]\n{files}{SYNC}")
    assert 'files."a16.md": with this, all texts that are filled in have more than' in said
