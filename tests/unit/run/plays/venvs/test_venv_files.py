"""Files in a venv, found by pattern."""

from __future__ import annotations

from pathlib import Path

from pytest_indexcache.run.plays.venvs.distributions import Distribution
from pytest_indexcache.run.plays.venvs.venv_files import VenvFile, files_of_venv


def test_files_are_found_by_pattern_with_the_project_that_records_them(tmp_path: Path) -> None:
    """A folder that has two names is searched once, and files outside the venv are not found."""
    site_packages = tmp_path / "venv/lib/python3.11/site-packages"
    folder = site_packages / "foo-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "RECORD").write_text('foo.py,sha256=x,1\n../../../bin/foo,,\n"foo,data.txt",,\n')
    for path in ("foo.py", "other.py", "foo,data.txt", "../../../bin/foo"):
        (site_packages / path).parent.mkdir(exist_ok=True)
        (site_packages / path).touch()
    (tmp_path / "outside.py").touch()
    (tmp_path / "venv/lib64").symlink_to("lib")
    (tmp_path / "venv/out").symlink_to(tmp_path)
    installed = {"foo": Distribution("foo", "1.0", folder)}
    patterns = ("lib*/*/site-packages/*.py", "**/foo*", "out/*.py", "nothing", "bin/**")
    found = files_of_venv(tmp_path / "venv", patterns, installed)
    inside = "lib/python3.11/site-packages"
    assert found == {
        "lib*/*/site-packages/*.py": (
            VenvFile(f"{inside}/foo.py", "foo"),
            VenvFile(f"{inside}/other.py"),
        ),
        "**/foo*": (
            VenvFile("bin/foo", "foo"),
            VenvFile(f"{inside}/foo,data.txt", "foo"),
            VenvFile(f"{inside}/foo.py", "foo"),
        ),
        "out/*.py": (),
        "nothing": (),
        "bin/**": (VenvFile("bin/foo", "foo"),),
    }
