"""``indexcache check`` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.cli import main

GOOD = """\
title = "x"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages.six."1.0"]
[[steps]]
do = "install"
requirements = ["six"]
expect = { installed = { six = "1.0" } }
"""
SAME_BYTES = """
[[steps]]
do = "replace"
index = "pypi"
project = "six"
version = "1.0"
contents = { build = "pypi" }
[[steps]]
do = "lock"
expect = { exit = "success" }
"""


def test_files_are_checked_without_a_play(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``check`` prints each mistake with its line and exits with 1, without a play."""
    (tmp_path / "a.toml").write_text(GOOD)
    (tmp_path / "b.toml").write_text(GOOD + SAME_BYTES)
    assert main(["check", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert said.out.replace(str(tmp_path), "") == (
        "/a.toml: 1 step, nothing wrong\n2 scenarios, 1 with problems\n"
    )
    assert said.err.replace(str(tmp_path), "") == (
        "/b.toml:10: steps[2]: six 1.0 would have the same bytes as before "
        '(give contents another build, such as build = "second")\n'
    )


def test_one_file_that_is_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``check`` prints one line for a valid file, and exits with 0."""
    file = tmp_path / "a.toml"
    file.write_text(GOOD)
    assert main(["check", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}: 1 step, nothing wrong\n"


def test_folder_without_a_scenario(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``check`` rejects a folder without scenarios as a mistake of the command line."""
    assert main(["check", str(tmp_path)]) == 2
    assert f"there is no scenario in {tmp_path}" in capsys.readouterr().err


def test_urls_of_pages_and_files_are_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``check`` can print the URL of each page and file."""
    file = tmp_path / "a.toml"
    file.write_text(GOOD.replace("pypi.org", "index.example"))
    assert main(["check", "--urls", str(file)]) == 0
    wheel = "https://index.example/simple/six/six-1.0-py3-none-any.whl"
    assert capsys.readouterr().out.splitlines()[1:] == [
        "index pypi",
        "  page     https://index.example/simple/",
        "  page     https://index.example/simple/six/",
        f"  wheel    {wheel}",
        f"  metadata {wheel}.metadata",
    ]
