"""Requirements files of a capture, and the files that they include."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.drafts.captures.capture_text import watched_tables, written_tables
from pytest_indexcache.drafts.captures.commands import captured_step
from pytest_indexcache.errors import CommandError
from pytest_indexcache.run.captures.project_folder import CaptureRequest, plan_capture

URL_OF_B = "https://b.example/simple"
FILES = {
    "requirements.txt": "-r deps/more.txt\n--constraint=limits.txt\nsix\n",
    "deps/more.txt": "-r ../last.txt\n-i https://index.example/simple\nattrs\n",
    "last.txt": "--requirement requirements.txt\nidna\n",
    "limits.txt": "six<2\n",
}


@pytest.mark.parametrize("command", ["pip install -r", "uv pip install -r"])
def test_included_files_are_captured(tmp_path: Path, command: str) -> None:
    """Files that a requirements file includes are copied once each, and can name indexes."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    step = captured_step([*command.split(), "requirements.txt"])
    plan = plan_capture(CaptureRequest(tmp_path, (step,), environment={}))
    assert plan.files.keys() == FILES.keys()
    assert [index.url for index in plan.indexes] == ["https://index.example/simple"]


def test_included_file_outside_the_folder_is_refused(tmp_path: Path) -> None:
    """A requirements file cannot include a file from outside the project's folder."""
    (tmp_path / "requirements.txt").write_text("-r ../secret.txt\n")
    step = captured_step(["pip", "install", "-r", "requirements.txt"])
    with pytest.raises(CommandError, match=r"\.\./secret\.txt is not in the project's folder"):
        plan_capture(CaptureRequest(tmp_path, (step,), environment={}))


GROUPS = """
[project]
name = "shop"
version = "1"
dependencies = ["six"]
[dependency-groups]
dev = ["idna"]
docs = ["attrs"]
"""


@pytest.mark.parametrize(
    ("settings", "command", "groups"),
    [
        ("", "uv sync", ["dev"]),
        ("", "uv sync --group docs", ["docs", "dev"]),
        ('[tool.uv]\ndefault-groups = ["docs"]\n', "uv sync", None),
        ('[tool.uv]\ndefault-groups = "all"\n', "uv sync", None),
        ("[tool.uv]\ndefault-groups = []\n", "uv sync", None),
        ("", "uv lock", None),
    ],
)
def test_default_groups_of_uv_are_named_by_the_step(
    tmp_path: Path, settings: str, command: str, groups: list[str] | None
) -> None:
    """A step names the group that uv syncs by default, unless the project file is verbatim."""
    (tmp_path / "pyproject.toml").write_text(GROUPS + settings)
    step = captured_step(command.split())
    plan = plan_capture(CaptureRequest(tmp_path, (step,), environment={}))
    assert plan.commands[0].keys.get("groups") == groups


@pytest.mark.parametrize("url", ["https://a.example/simple/", "https://a.example/simple"])
@pytest.mark.parametrize("settings", ["", "default-groups = []\n"])
@pytest.mark.parametrize("source", ["file", "command"])
def test_url_of_an_index_is_kept_as_written(
    tmp_path: Path, url: str, settings: str, source: str
) -> None:
    """The URL of an index gets no slash at its end and loses none, in both forms of a project."""
    index = f'index = [{{ name = "a", url = "{url}", default = true }}]\n'
    (tmp_path / "pyproject.toml").write_text(
        f'[project]\nname = "shop"\nversion = "1"\n'
        f"[tool.uv]\n{settings}{index if source == 'file' else ''}"
    )
    words = ["uv", "sync", *(["--default-index", url] if source == "command" else [])]
    plan = plan_capture(CaptureRequest(tmp_path, (captured_step(words),), environment={}))
    tables = written_tables(watched_tables(plan))
    assert [index["url"] for index in tables["indexes"].values()] == [url]
    for text in tables.get("project-files", {}).values():
        assert f'"{url}"' in text


def test_url_of_pypi_with_a_slash_is_written_to_the_project_file(tmp_path: Path) -> None:
    """A slash at the end of PyPI's URL is kept, so that the lockfile stays up to date."""
    index = '[[tool.uv.index]]\nurl = "https://pypi.org/simple/"\ndefault = true\n'
    (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "a"\nversion = "1"\n{index}')
    step = captured_step(["uv", "sync"])
    plan = plan_capture(CaptureRequest(tmp_path, (step,), environment={}))
    assert written_tables(watched_tables(plan))["access"] == {"pypi": {"slash": True}}


def test_own_table_of_an_index_is_kept_beside_those_of_variables(tmp_path: Path) -> None:
    """An index from a variable does not change the settings of indexes in the project file."""
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "shop"\nversion = "1"\n[[tool.uv.index]]\nname = "flat"\n'
        'url = "https://b.example/flat/"\nformat = "flat"\n'
    )
    step = captured_step(["uv", "sync"])
    environment = {"UV_DEFAULT_INDEX": "https://a.example/simple/"}
    plan = plan_capture(CaptureRequest(tmp_path, (step,), environment=environment))
    (text,) = written_tables(watched_tables(plan.renamed()))["project-files"].values()
    assert loads_toml(text)["tool"]["uv"]["index"] == [
        {"name": "index1", "url": "https://a.example/simple/", "default": True},
        {"name": "index2", "url": "https://b.example/flat/", "format": "flat"},
    ]


@pytest.mark.parametrize("installer", ["poetry", "pdm"])
def test_pypi_without_a_url_is_an_index(tmp_path: Path, installer: str) -> None:
    """Poetry and PDM know the URL of the source that is called PyPI."""
    (tmp_path / "pyproject.toml").write_text(
        f'[project]\nname = "shop"\nversion = "1"\n[[tool.{installer}.source]]\n'
        f'name = "corp"\nurl = "https://a.example/simple"\npriority = "primary"\n'
        f'[[tool.{installer}.source]]\nname = "pypi"\n'
    )
    step = captured_step([installer, "install"])
    plan = plan_capture(CaptureRequest(tmp_path, (step,), environment={}))
    urls = [index.url for index in plan.indexes]
    assert urls == ["https://a.example/simple", "https://pypi.org/simple"]


@pytest.mark.parametrize(
    ("sources", "urls"),
    [
        ("", ["https://a.example/simple"]),
        ('[tool.uv.sources]\nsix = { index = "b" }\n', ["https://a.example/simple", URL_OF_B]),
    ],
)
def test_only_the_first_default_index_is_asked(
    tmp_path: Path, sources: str, urls: list[str]
) -> None:
    """If a command names a default index, the project's is used only for sources that name it."""
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "shop"\nversion = "1"\n[[tool.uv.index]]\nname = "b"\n'
        f'url = "{URL_OF_B}"\ndefault = true\n{sources}'
    )
    step = captured_step(["uv", "sync", "--default-index", "https://a.example/simple"])
    plan = plan_capture(CaptureRequest(tmp_path, (step,), environment={}))
    assert [index.url for index in plan.indexes] == urls


@pytest.mark.parametrize(
    ("installer", "key"), [("uv", "index"), ("poetry", "source"), ("pdm", "source")]
)
def test_index_in_a_folder_is_named_as_left_out(tmp_path: Path, installer: str, key: str) -> None:
    """An index of the project file that cannot be captured is named."""
    (tmp_path / "pyproject.toml").write_text(
        f'[project]\nname = "shop"\nversion = "1"\n[[tool.{installer}.{key}]]\n'
        f'name = "disk"\nurl = "./wheels"\n[[tool.{installer}.{key}]]\n'
        'name = "corp"\nurl = "https://a.example/simple"\n'
    )
    step = captured_step([installer, "lock"])
    plan = plan_capture(CaptureRequest(tmp_path, (step,), environment={}))
    assert plan.remarks == ("the index disk, not at http or https",)


SOURCE = """
[project]
name = "shop"
version = "1"
[[tool.pdm.source]]
name = "pypi"
url = "https://{url}/simple"
"""


@pytest.mark.parametrize(
    ("url", "environment", "expected", "login"),
    [
        ("${HOST}", {"HOST": "b.example"}, URL_OF_B, None),
        ("b.${Name}", {"Name": "example"}, URL_OF_B, None),
        ("${U}:${P}@${H}", {"U": "joe", "P": "a@b/", "H": "b.example"}, URL_OF_B, ("joe", "a@b/")),
        ("${U}@b.example", {}, URL_OF_B, None),
        (
            "b.example",
            {"PDM_PYPI_USERNAME": "joe", "PDM_PYPI_PASSWORD": "pw"},
            URL_OF_B,
            ("joe", "pw"),
        ),
    ],
)
def test_variables_of_pdm_are_expanded(
    tmp_path: Path,
    url: str,
    environment: dict[str, str],
    expected: str,
    login: tuple[str, str] | None,
) -> None:
    """The scenario has the URL of a source with its variables expanded, as PDM does."""
    (tmp_path / "pyproject.toml").write_text(SOURCE.format(url=url))
    step = captured_step(["pdm", "install"])
    plan = plan_capture(CaptureRequest(tmp_path, (step,), environment=environment))
    assert [(index.url, index.login) for index in plan.indexes] == [(expected, login)]
    written = written_tables(watched_tables(plan))["project-files"]["pdm"]
    assert [it["url"] for it in loads_toml(written)["tool"]["pdm"]["source"]] == [expected]


def test_variable_that_is_not_set_is_an_error(tmp_path: Path) -> None:
    """The error names the variable and the URL, and not the password in the URL."""
    (tmp_path / "pyproject.toml").write_text(SOURCE.format(url="joe:secret@${HOST}"))
    step = captured_step(["pdm", "install"])
    with pytest.raises(CommandError, match=r"variable HOST of https://\$\{HOST\}/simple") as error:
        plan_capture(CaptureRequest(tmp_path, (step,), environment={}))
    assert "secret" not in str(error.value)
