"""Indexes in a user's environment variables and configuration files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from pytest_indexcache.drafts.captures.commands import captured_step
from pytest_indexcache.errors import CommandError
from pytest_indexcache.run.captures import configuration_files
from pytest_indexcache.run.captures.configured_indexes import configured_indexes
from pytest_indexcache.run.captures.project_folder import CaptureRequest, plan_capture

A, B, C = (f"https://{name}.corp/simple" for name in "abc")
PROJECT = '[project]\nname = "shop"\nversion = "1"\ndependencies = []\n'


def _written(folder: Path, files: Mapping[str, str]) -> Mapping[str, str]:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return {"HOME": str(folder / "home")}


@pytest.fixture(autouse=True)
def _no_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the configuration files of this machine."""
    monkeypatch.setattr(configuration_files, "_MACHINE", ())
    monkeypatch.setattr(configuration_files, "_MACHINE_PIP", ())


@pytest.mark.parametrize(
    ("installer", "variables", "files", "expected"),
    [
        ("pip", {"PIP_INDEX_URL": A, "PIP_EXTRA_INDEX_URL": f"{B} {C}"}, {}, f"*{A} {B} {C}"),
        ("pip", {"UV_INDEX_URL": A}, {}, ""),
        ("pip", {}, {"home/.config/pip/pip.conf": f"[global]\nindex-url = {A}\n"}, f"*{A}"),
        ("pip", {}, {"home/.pip/pip.conf": f"[global]\nindex_url = {A}\n"}, f"*{A}"),
        ("pip", {}, {".venv/pip.conf": f"[global]\nextra-index-url =\n  {A}\n  {B}\n"}, f"{A} {B}"),
        (
            "pip",
            {"PIP_CONFIG_FILE": "own.conf"},
            {
                "own.conf": f"[global]\nindex-url = {A}\n[install]\nindex-url = {B}\n",
                "home/.config/pip/pip.conf": f"[global]\nextra-index-url = {C}\n",
            },
            f"*{B}",
        ),
        (
            "pip",
            {"PIP_INDEX_URL": C},
            {"home/.config/pip/pip.conf": f"[global]\nindex-url = {A}\n"},
            f"*{C}",
        ),
        (
            "pip",
            {"PIP_CONFIG_FILE": "/dev/null"},
            {"home/.config/pip/pip.conf": f"[global]\nindex-url = {A}\n"},
            "",
        ),
        ("uv", {"UV_INDEX": f"corp={A} {B}", "UV_DEFAULT_INDEX": C}, {}, f"{A} {B} *{C}"),
        ("uv", {"UV_INDEX_URL": A, "UV_EXTRA_INDEX_URL": B, "PIP_INDEX_URL": C}, {}, f"{B} *{A}"),
        (
            "uv",
            {"UV_CONFIG_FILE": "own.toml"},
            {
                "own.toml": f'[[index]]\nname = "corp"\nurl = "{A}"\ndefault = true\n',
                "home/.config/uv/uv.toml": f'index-url = "{B}"\n',
            },
            f"*{A}",
        ),
        ("uv", {}, {"home/.config/uv/uv.toml": f'extra-index-url = ["{B}"]\n'}, B),
        ("uv", {"UV_NO_CONFIG": "1"}, {"home/.config/uv/uv.toml": f'index-url = "{B}"\n'}, ""),
        ("pdm", {"PDM_PYPI_URL": A}, {}, f"*{A}"),
        (
            "pdm",
            {},
            {"pdm.toml": f'[pypi]\nurl = "{A}"\n[pypi.extra]\nurl = "{B}"\n'},
            f"*{A} {B}",
        ),
        ("poetry", {"PIP_INDEX_URL": A, "UV_INDEX_URL": B}, {}, ""),
    ],
)
def test_index_is_found_where_the_installer_reads_it(
    installer: str,
    variables: Mapping[str, str],
    files: Mapping[str, str],
    expected: str,
    tmp_path: Path,
) -> None:
    """Variables and files name the indexes that the installer uses; * marks the default."""
    environment = {**_written(tmp_path, files), **variables}
    found = configured_indexes(installer, tmp_path, environment)
    indexes = (*found.before, *found.after)
    said = " ".join(f"{'*' if it.is_default else ''}{it.url}" for it in indexes)
    assert said == expected
    assert found.remarks == ()


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("extra-index-url = file:///opt/simple", "an index of "),
        ("find-links = https://joe:pw@a.corp/", "find-links of"),
    ],
)
def test_setting_that_cannot_be_captured_is_named(text: str, remark: str, tmp_path: Path) -> None:
    """Local indexes and find-links are left out, with a remark that contains no credentials."""
    environment = _written(tmp_path, {"home/.pip/pip.conf": f"[global]\n{text}\n"})
    found = configured_indexes("pip", tmp_path, environment)
    assert (found.before, found.after) == ((), ())
    assert found.remarks[0].startswith(remark)
    assert "joe" not in found.remarks[0]


@pytest.mark.parametrize("with_machine", [False, True])
def test_files_of_the_machine_are_read_on_request(
    with_machine: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index in /etc/pip.conf is used only on request; otherwise a remark names the option."""
    (tmp_path / "pip.conf").write_text(f"[global]\nindex-url = {A}\n")
    monkeypatch.setattr(configuration_files, "_MACHINE_PIP", (str(tmp_path / "pip.conf"),))
    found = configured_indexes("pip", tmp_path, {}, with_machine=with_machine)
    assert [index.url for index in found.after] == ([A] if with_machine else [])
    assert any("--machine-config" in remark for remark in found.remarks) is not with_machine


@pytest.mark.parametrize(
    ("installer", "variables", "files", "said"),
    [
        ("pip", {"PIP_CONFIG_FILE": "none.conf"}, {}, "which PIP_CONFIG_FILE names"),
        ("uv", {"UV_CONFIG_FILE": "none.toml"}, {}, "which UV_CONFIG_FILE names"),
        ("pip", {}, {"home/.pip/pip.conf": "index-url\n"}, "pip.conf is not valid"),
        ("uv", {}, {"home/.config/uv/uv.toml": "[index\n"}, "uv.toml is not valid TOML"),
    ],
)
def test_broken_file_is_an_error(
    installer: str,
    variables: Mapping[str, str],
    files: Mapping[str, str],
    said: str,
    tmp_path: Path,
) -> None:
    """An invalid file is reported, and so is a missing file that a variable names."""
    environment = {**_written(tmp_path, files), **variables}
    with pytest.raises(CommandError, match=said):
        configured_indexes(installer, tmp_path, environment)


@pytest.mark.parametrize(
    ("tool", "files", "variables"),
    [
        ("", {}, {"UV_INDEX": f"corp=https://joe:pw@{A[8:]}"}),
        ("", {"uv.toml": f'[[index]]\nname = "corp"\nurl = "https://joe:pw@{A[8:]}"\n'}, {}),
        ("[tool.uv]\nfork-strategy = 'fewest'\n", {}, {"UV_INDEX": f"corp=https://joe:pw@{A[8:]}"}),
    ],
)
def test_configured_index_is_in_the_project_of_the_scenario(
    tool: str, files: Mapping[str, str], variables: Mapping[str, str], tmp_path: Path
) -> None:
    """An index from outside the project file becomes an index of the scenario, without login."""
    environment = {**_written(tmp_path, {**files, "pyproject.toml": PROJECT + tool}), **variables}
    step = captured_step(["uv", "sync"])
    plan = plan_capture(CaptureRequest(tmp_path, (step,), environment=environment))
    found = {index.name: index for index in plan.indexes}
    assert found["corp"].url == A
    assert found["corp"].login == ("joe", "pw")
    assert found["pypi"].is_default
    assert "pw" not in str(plan.project.tables)
    assert "index1" in {index.name for index in plan.renamed().indexes}
    verbatim = plan.project.tables.get("project-files")
    if tool:
        assert verbatim is not None
        assert verbatim["uv"]["tool"]["uv"]["index"][0] == {"name": "corp", "url": A}
