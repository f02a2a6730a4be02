"""The command ``indexcache site``, from scenario files to a folder of pages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_indexcache.cli import main

REPORT = """\
title = "six comes once"
affected = {{ uv = "{affected}" }}
measured = {{ uv = "0.8 - 0.9, 2 releases; 2026-11-30" }}
[indexes.pypi]
url = "https://pypi.org/simple"
packages.six."1.17.0" = {{}}
[[steps]]
do = "install"
requirements = ["six"]
expect = {{ downloads = {{ six = 1 }} }}
"""


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of a scenario file in the working folder."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "report.toml"
    file.write_text(REPORT.format(affected="<=0.8"), encoding="utf-8")
    return file


def _bytes(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_site_is_built_and_built_again(
    report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same input gives the same pages, and a changed cell is listed with its old verdict."""
    folder = tmp_path / "site"
    assert main(["site", "site", "report.toml"]) == 0
    first = _bytes(folder)
    assert capsys.readouterr().out == f"{len(first)} files in site\n"
    assert main(["site", "site", "report.toml"]) == 0
    assert _bytes(folder) == first
    report.write_text(REPORT.format(affected=">=0.8"), encoding="utf-8")
    assert main(["site", "site", "report.toml"]) == 0
    (cell,) = json.loads((folder / "scenarios/report.json").read_text())["cells"]
    assert (cell["state"], cell["was"]) == ("reproduced", "passed; <=0.8")
    assert "before: passed; &lt;=0.8" in (folder / "feed.xml").read_text()


def test_plays_of_a_matrix_and_a_store_are_shown(
    report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The history lists plays of the current scenario text, and counts plays of earlier texts."""
    arguments = ("--store", "plays.sqlite", "--json", "matrix.json", "--no-progress", "--jobs", "1")
    assert main(["matrix", "report.toml", *arguments]) == 0
    for option, file in (("--matrix", "matrix.json"), ("--store", "plays.sqlite")):
        assert main(["site", f"by{option}", "report.toml", option, file]) == 0
        data = json.loads((tmp_path / f"by{option}" / "scenarios/report.json").read_text())
        assert [row["verdict"] for row in data["history"]] == ["passed"]
    report.write_text(report.read_text().replace("1.17.0", "1.16.0"), encoding="utf-8")
    capsys.readouterr()
    assert main(["site", "other", "report.toml", "--matrix", "matrix.json"]) == 1
    assert (
        "1 plays of --matrix were left out: their scenarios are not named here"
        in capsys.readouterr().err
    )
    assert (tmp_path / "other" / "index.html").is_file()
    assert main(["site", "stored", "report.toml", "--store", "plays.sqlite"]) == 0
    data = json.loads((tmp_path / "stored" / "scenarios/report.json").read_text())
    assert data["history"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["."], "the folder has files that are not from an earlier site"),
        (["report.toml"], "this is a file"),
        (["new", "--store", "nowhere"], "the store nowhere: it does not exist"),
        (["new", "--store", "report.toml"], "file is not a database"),
        (["new", "--matrix", "report.toml"], "report.toml: it cannot be read as JSON"),
        (["new", "--earlier", "report.toml"], "it cannot be read as JSON"),
        (["new", "--url", "javascript:alert(1)"], "is not the URL of a folder"),
        (["new", "--url", "https://a.example/?x"], "is not the URL of a folder"),
        (["new", "--url", 'https://a.example/"x'], "is not the URL of a folder"),
    ],
)
@pytest.mark.usefixtures("report")
def test_wrong_argument_writes_nothing(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    """With a wrong argument, ``site`` prints an error with a remedy, and creates no folder."""
    assert main(["site", *arguments]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert "hint: " in said
    assert [path.name for path in tmp_path.iterdir()] == ["report.toml"]


def test_wrong_scenario_is_told_and_left_out(
    report: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An invalid scenario is reported, changes the exit code, and does not affect other pages."""
    (tmp_path / "wrong.toml").write_text("titel = 3\n", encoding="utf-8")
    assert main(["site", "site", "report.toml", "wrong.toml"]) == 1
    assert "wrong.toml:1: titel: unknown key" in capsys.readouterr().err
    assert (tmp_path / "site/scenarios/report.html").is_file()


def test_site_of_wrong_scenarios_alone_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If every named scenario is invalid, no folder is created, and the exit code is 1."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wrong.toml").write_text("titel = 3\n", encoding="utf-8")
    assert main(["site", "site", "wrong.toml"]) == 1
    assert "wrong.toml:1: titel: unknown key" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["wrong.toml"]
