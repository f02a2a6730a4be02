"""Scenario files that are wrong as a whole, very large files, and files without a mistake."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_indexcache.errors import ScenarioError
from pytest_indexcache.scenario import load_scenario

from .good_scenario import GOOD, changed, error_of


def test_good_scenario(tmp_path: Path) -> None:
    """The valid scenario, into which other tests each insert one mistake, passes the check."""
    file = tmp_path / "s.toml"
    file.write_text(GOOD)
    assert load_scenario(file).title == "A wheel is downloaded again"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(
            b"", "s.toml: is empty (a scenario has at least a title and one step)", id="empty"
        ),
        pytest.param(
            b"\n# nothing\n",
            "s.toml: is empty (a scenario has at least a title and one step)",
            id="only a comment",
        ),
        pytest.param(
            b'title = "x"\n[steps\n',
            "s.toml:2: is not TOML: Expected ']' at the end of a table declaration, at column 7",
            id="TOML syntax",
        ),
        pytest.param(
            b'title = " \\t "\nsteps = [{ do = "sync", expect = { downloads = {} } }]\n',
            "s.toml:1: title: must not be blank",
            id="a blank title",
        ),
        pytest.param(
            b'title = "x',
            "s.toml:1: is not TOML: Unterminated string, at the end of the file",
            id="TOML syntax at the end",
        ),
        pytest.param(
            b'title = "x"\ntitle = "y"\n',
            "s.toml:2: is not TOML: Cannot overwrite a value, at column 12 "
            "(the key or table already exists: put all keys of one table under one header)",
            id="a key twice",
        ),
        pytest.param(
            b'title = "x\x1b[2J"\n',
            r"s.toml:1: is not TOML: Illegal character '\x1b', at column 11",
            id="a control character",
        ),
        pytest.param(
            b"title = 1" + b"0" * 5000 + b"\n",
            "s.toml: a number has too many digits",
            id="a number of too many digits",
        ),
        pytest.param(
            b"title = 0x" + b"f" * 5000 + b"\nsteps = []\n",
            "s.toml:1: title: the integer has more than 64 bits, which TOML does not have "
            "(write a smaller number)",
            id="a number that cannot be written",
        ),
        pytest.param(
            b"title = " + b"[" * 5000 + b"]" * 5000,
            "s.toml: arrays or tables are nested too deeply",
            id="nested arrays",
        ),
        pytest.param(
            b"x = 1\n" + b"a." * 100_000 + b"a = 1",
            "s.toml:2: a dotted key has more than 64 parts",
            id="a long dotted key",
        ),
        pytest.param(
            b'title = "x"\n# caf\xe9\n',
            "s.toml:2: is not UTF-8: byte 0xe9 at offset 17 (save the file as UTF-8)",
            id="not UTF-8",
        ),
        pytest.param(
            'title = "x"\n'.encode("utf-16"),
            "s.toml:1: is not UTF-8: byte 0xff at offset 0 (save the file as UTF-8)",
            id="UTF-16",
        ),
        pytest.param(
            b'title = "x"\nsteps = "none"\n',
            "s.toml:2: steps: expected an array, found the string 'none' (write ['none'])",
            id="no table",
        ),
        pytest.param(
            b'title = "x"\n',
            "s.toml: steps: this key is required, but missing",
            id="missing table",
        ),
        pytest.param(
            b'title = "x"\n[[steps]]\ndo = "sync"\n',
            "s.toml:2: steps: nothing is expected of any step (say with `expect` what should be "
            "seen)",
            id="nothing is expected",
        ),
    ],
)
def test_whole_file_is_wrong(tmp_path: Path, content: bytes, message: str) -> None:
    """The error for a file that is not a scenario says so, with a line number if possible."""
    assert error_of(tmp_path, content) == message


def test_every_mistake_is_found(tmp_path: Path) -> None:
    """All mistakes of a file are listed at once, in the order in which they occur in the file."""
    text = (
        GOOD.replace("title", "tilte", 1)
        .replace("requires", "require", 1)
        .replace('index = "pytorch"', "index = 5")
        .replace('do = "sync"', 'do = "synch"', 1)
    )
    assert error_of(tmp_path, text).splitlines() == [
        "s.toml: title: this key is required, but missing",
        "s.toml:1: tilte: unknown key (did you mean 'title'?)",
        's.toml:7: indexes.pytorch.packages.torch."2.8.0+cpu".require: unknown key '
        "(did you mean 'requires'?)",
        "s.toml:15: sources.torch.index: expected a string, found the number 5 "
        "(write it in quotes)",
        "s.toml:18: steps[1].do: unknown verb 'synch' (did you mean 'sync'?)",
    ]


def test_file_of_50_megabytes(tmp_path: Path) -> None:
    """A file of 50 MB is refused before all of it is read."""
    file = tmp_path / "s.toml"
    with file.open("wb") as stream:
        stream.truncate(50_000_000)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    assert str(caught.value) == (
        f"{file}: is larger than 5 MiB "
        "(a scenario file gives the size of wheels and sdists (size), not their contents)"
    )


def test_file_that_is_not_there(tmp_path: Path) -> None:
    """If a path names a folder, or no file, the error says so."""
    with pytest.raises(ScenarioError, match=r"s\.toml: cannot be read: No such file or directory"):
        load_scenario(tmp_path / "s.toml")
    with pytest.raises(ScenarioError, match="cannot be read: it is a folder"):
        load_scenario(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the platform has no named pipes")
def test_file_that_is_a_pipe(tmp_path: Path) -> None:
    """A named pipe is refused, and the loader does not wait for a writer."""
    os.mkfifo(tmp_path / "s.toml")
    with pytest.raises(ScenarioError, match="cannot be read: it is no regular file"):
        load_scenario(tmp_path / "s.toml")


def test_file_name_with_escape_sequences(tmp_path: Path) -> None:
    """Escape sequences in the name of a file do not reach the terminal."""
    with pytest.raises(ScenarioError) as caught:
        load_scenario(tmp_path / "\x1b[31m.toml")
    assert r"/\x1b[31m.toml: cannot be read" in str(caught.value)


def test_ten_thousand_releases(tmp_path: Path) -> None:
    """A scenario with 10,000 releases is loaded with all of them."""
    releases = "".join(
        f'[indexes.pypi.packages.p{number}."{version}"]\nrequires = ["filelock>=3"]\n'
        for number in range(100)
        for version in range(100)
    )
    file = tmp_path / "s.toml"
    file.write_text(changed("[project]\n", f"{releases}[project]\n"))
    packages = load_scenario(file).indexes["pypi"].packages
    assert sum(map(len, packages.values())) == 10_001


def test_ten_thousand_mistakes(tmp_path: Path) -> None:
    """If a file has very many mistakes, the first fifty are listed and the rest counted."""
    releases = "".join(f"p{number} = {{ '1' = {{ sise = 1 }} }}\n" for number in range(10_000))
    text = changed("[project]\n", f"[indexes.pypi.packages]\n{releases}[project]\n").replace(
        '[indexes.pypi.packages.filelock."3.19.1"]\n', ""
    )
    lines = error_of(tmp_path, text).splitlines()
    assert len(lines) == 51
    assert lines[0] == (
        "s.toml:12: indexes.pypi.packages.p0.1.sise: unknown key (did you mean 'size'?)"
    )
    assert lines[-1] == "s.toml: 9950 more problems are not listed"


def test_dependency_cycle_is_allowed(tmp_path: Path) -> None:
    """Releases may require each other in a circle."""
    file = tmp_path / "s.toml"
    file.write_text(changed('filelock."3.19.1"]', 'filelock."3.19.1"]\nrequires = ["torch"]'))
    assert load_scenario(file).indexes["pypi"].packages["filelock"]["3.19.1"].requires == ("torch",)


def test_unsatisfiable_set_is_allowed(tmp_path: Path) -> None:
    """A scenario may expect a step to fail because no index has a required project."""
    text = changed('dependencies = ["torch"]', 'dependencies = ["torch>=99", "nowhere"]')
    file = tmp_path / "s.toml"
    file.write_text(text.replace("downloads = {} }", 'exit = "failure" }'))
    assert load_scenario(file).steps[1].expect.exit == "failure"
