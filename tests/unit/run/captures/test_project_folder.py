"""Requirements files of a capture, and the files that they include."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.drafts.captures.commands import captured_step
from pytest_indexcache.errors import CommandError
from pytest_indexcache.run.captures.project_folder import CaptureRequest, plan_capture

FILES = {
    "requirements.txt": "-r deps/more.txt\n--constraint=limits.txt\nsix\n",
    "deps/more.txt": "-r ../last.txt\n-i https://index.example/simple\nattrs\n",
    "last.txt": "--requirement requirements.txt\nidna\n",
    "limits.txt": "six<2\n",
}


@pytest.mark.parametrize("command", ["pip install -r", "uv pip install -r"])
def test_included_files_are_captured(tmp_path: Path, command: str) -> None:
    """Files that a requirements file includes are copied, each once, and name indexes, too."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    step = captured_step([*command.split(), "requirements.txt"])
    plan = plan_capture(CaptureRequest(tmp_path, (step,), environment={}))
    assert plan.files.keys() == FILES.keys()
    assert [index.url for index in plan.indexes] == ["https://index.example/simple"]


def test_included_file_outside_the_folder_is_refused(tmp_path: Path) -> None:
    """A requirements file cannot include a file outside the project's folder."""
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
    """A step names the group that uv syncs by default, unless uv reads the project's own file."""
    (tmp_path / "pyproject.toml").write_text(GROUPS + settings)
    step = captured_step(command.split())
    plan = plan_capture(CaptureRequest(tmp_path, (step,), environment={}))
    assert plan.commands[0].keys.get("groups") == groups
