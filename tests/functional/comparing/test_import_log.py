"""The command ``indexcache import``, from a pasted thread to a play."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest

from pytest_indexcache.cli import main
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.loading import load_playable
from pytest_indexcache.run.plays.results import Verdict
from pytest_indexcache.run.plays.runner import Play, play
from pytest_indexcache.run.plays.transports import in_process
from tests.unit.drafts.a_thread import LOG, PROJECT, THREAD


def play_file(file: Path, spec: str, folder: Path) -> Verdict:
    """Play a file with an installer, and return the verdict."""
    folder.mkdir()
    scenario = load_playable(file).scenario
    installer = create_installer(spec)
    return play(
        Play(scenario, file.name, installer, in_process(time.time), "inprocess"), folder
    ).verdict


def test_draft_of_a_thread_plays_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The draft of a thread passes with the reference, and fails with the reported bug."""
    thread, draft = tmp_path / "thread.md", tmp_path / "draft.toml"
    thread.write_text(THREAD, encoding="utf-8")
    assert main(["import", str(thread), "--output", str(draft)]) == 0
    assert "the draft can be played" in capsys.readouterr().err
    assert play_file(draft, "reference", tmp_path / "a") is Verdict.PASSED
    assert play_file(draft, "reference:obey-no-store", tmp_path / "b") is Verdict.FAILED


POETRY_THREAD = """\
# Poetry downloads torch again

Poetry (version 1.8.5)

```toml
[tool.poetry.dependencies]
python = "^3.11"
torch = { version = "^2.3", source = "cpu" }
[tool.poetry.group.dev.dependencies]
six = "1.*"
[[tool.poetry.source]]
name = "cpu"
url = "https://download.pytorch.org/whl/cpu"
priority = "explicit"
```

```console
$ poetry install
```
"""


def test_draft_of_a_thread_about_poetry_plays_as_it_is(tmp_path: Path) -> None:
    """The draft of a thread with tables of Poetry syncs the projects and groups in these tables."""
    thread, draft = tmp_path / "thread.md", tmp_path / "draft.toml"
    thread.write_text(POETRY_THREAD, encoding="utf-8")
    assert main(["import", str(thread), "--output", str(draft)]) == 0
    sync = load_playable(draft).scenario.steps[0]
    assert sync.expect.installed.keys() == {"torch", "six"}
    assert play_file(draft, "reference", tmp_path / "a") is Verdict.PASSED


def test_files_beside_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A log on stdin with a project file leads to the same scenario as a thread with both."""
    project = tmp_path / "pyproject.toml"
    project.write_text(PROJECT, encoding="utf-8")
    log = tmp_path / "log.txt"
    log.write_text(LOG, encoding="utf-8")
    assert main(["import", str(log), "--pyproject", str(project)]) == 0
    assert '"2.8.0+rocm6.3" = { size = "4.6 GiB" }' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.txt"], "missing.txt cannot be read: No such file or directory"),
        (["empty.txt"], "empty.txt has no line of a verbose log"),
        (
            ["log.txt", "--pyproject", "empty.txt", "--output", "log.txt"],
            "log.txt already exists",
        ),
        (["log.txt", "--issue", "15425"], "--issue '15425' is not the URL of an issue"),
        (["log.txt", "--pyproject", "log.txt"], "log.txt is not valid TOML"),
        (["log.txt", "--lock", "empty.txt"], "empty.txt has no packages"),
        (["log.txt", "--output", "log.txt/x.toml"], "log.txt/x.toml: the folder "),
    ],
)
def test_wrong_file_is_named(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An unusable file ends ``import`` with exit code 2, the file's name and the reason."""
    monkeypatch.chdir(tmp_path)
    Path("empty.txt").write_text("", encoding="utf-8")
    Path("log.txt").write_text(LOG, encoding="utf-8")
    assert main(["import", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert Path("log.txt").read_text(encoding="utf-8") == LOG


def test_stdin_is_read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """``import -`` reads stdin, which need not be valid UTF-8."""
    text = b"\xff\xfe\n" + LOG.encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert main(["import", "-"]) == 0
    assert 'url = "https://download.pytorch.org/whl/rocm6.3"' in capsys.readouterr().out


def test_issue_is_given_or_left_to_the_reader(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A link in a thread becomes a comment, unless ``--issue`` or the head names the issue."""
    other = "https://github.com/astral-sh/uv/issues/1"
    thread = tmp_path / "thread.md"
    thread.write_text(f"As in {other}:\n\n```\n{LOG}```\n", encoding="utf-8")
    assert main(["import", str(thread)]) == 0
    draft = capsys.readouterr().out
    assert f"# to be read: the text links to {other}; " in draft
    assert "\nissue = " not in draft
    assert main(["import", str(thread), "--issue", f"{other}2"]) == 0
    draft = capsys.readouterr().out
    assert f'\nissue = "{other}2"\n' in draft
    assert "the text links to" not in draft
    thread.write_text(f"```yaml\nurl: {other}3\n```\n\n{thread.read_text()}", encoding="utf-8")
    assert main(["import", str(thread)]) == 0
    draft = capsys.readouterr().out
    assert f'\nissue = "{other}3"\n' in draft
    assert "the text links to" not in draft
