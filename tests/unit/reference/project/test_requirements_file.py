"""Requirements files, read as pip reads them, and written."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from pytest_indexcache.errors import UsageError
from pytest_indexcache.reference.project.requirements_file import (
    read_requirements,
    write_requirements,
)
from pytest_indexcache.reference.words.packages import Pin
from pytest_indexcache.system.venvs.origins import Origin


def write(folder: Path, name: str, text: str) -> Path:
    """Write a file, and return its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_comments_blank_lines_and_continuations_are_understood(tmp_path: Path) -> None:
    """A ``#`` within a URL does not start a comment, and a backslash continues a line."""
    path = write(
        tmp_path,
        "r.txt",
        "# all of it\n\na==1  # one\n  b @ https://x.example/b.whl#sha256=ab\n"
        "c>=1,\\\n  <2\n# d \\\ne\n",
    )
    texts = [line.text for line in read_requirements(path).requirements]
    assert texts == ["a==1", "b @ https://x.example/b.whl#sha256=ab", "c>=1,   <2", "e"]


def test_hashes_are_gathered_by_algorithm(tmp_path: Path) -> None:
    """The hashes of a requirement are grouped by algorithm."""
    path = write(
        tmp_path,
        "r.txt",
        "a==1 \\\n  --hash=sha256:AA \\\n  --hash=sha256:bb  --hash sha512:cc\n",
    )
    (line,) = read_requirements(path).requirements
    assert line.text == "a==1"
    assert line.hashes == {"sha256": {"aa", "bb"}, "sha512": {"cc"}}


def test_options_are_understood_in_both_spellings(tmp_path: Path) -> None:
    """Options for indexes, find-links and editable folders are parsed in both spellings."""
    text = (
        "-i https://one.example/simple\n--index-url=https://two.example/simple\n"
        "--extra-index-url https://three.example/simple\n-f wheels\n"
        "--find-links https://four.example/f?sig=1\n--find-links=https://five.example/?a=b\n"
        "-e ./local\n--no-index\n--require-hashes\n"
        "--no-binary lib,App\n--no-binary=x\n--only-binary :all:\n--pre\n--prefer-binary\n"
    )
    found = read_requirements(write(tmp_path, "r.txt", text))
    assert found.values == {
        "--requirement": [],
        "--constraint": [],
        "--index-url": ["https://one.example/simple", "https://two.example/simple"],
        "--extra-index-url": ["https://three.example/simple"],
        "--find-links": [
            str(tmp_path / "wheels"),
            "https://four.example/f?sig=1",
            "https://five.example/?a=b",
        ],
        "--editable": [str(tmp_path / "local")],
        "--no-binary": ["lib,App", "x"],
        "--only-binary": [":all:"],
    }
    assert found.flags == {"--no-index", "--require-hashes", "--pre", "--prefer-binary"}


def test_files_include_others_relative_to_themselves(tmp_path: Path) -> None:
    """The option -r adds requirements, and -c constraints, even in included files."""
    write(tmp_path, "sub/more.txt", "b\n-c ../limits.txt\n./here\n")
    write(tmp_path, "limits.txt", "c<3\n-r limits2.txt\n")
    write(tmp_path, "limits2.txt", "d<4\n")
    path = write(tmp_path, "r.txt", "a\n-r sub/more.txt\n")
    found = read_requirements(path)
    here = str(tmp_path / "sub" / "here")
    assert [line.text for line in found.requirements] == ["a", "b", here]
    assert [line.text for line in found.constraints] == ["c<3", "d<4"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n--wat\n", r"r\.txt:2: '--wat' is not understood"),
        ("-r\n", r"r\.txt:1: '-r' is not understood"),
        ("--no-index=1\n", r"r\.txt:1"),
        ("-e 'open\n", r"r\.txt:1: No closing quotation"),
        ("-r missing.txt\n", r"missing\.txt: cannot be read"),
        ("a\n-r r.txt\n", r"r\.txt includes itself"),
        ("a\n-r sub/../r.txt\n", r"r\.txt includes itself"),
        ("git+https://x.example/a", r"r\.txt:1: 'git\+https://x.example/a' names a repository"),
        ("a @ git+https://x.example/a", r"r\.txt:1: .* names a repository"),
        ("git://x.example/a", r"r\.txt:1: .* names a repository"),
        ("git@x.example:me/a.git", r"r\.txt:1: .* names a repository"),
        ("a\n-r https://x.example/r.txt", r"r\.txt:2: https://x.example/r.txt is a URL"),
        ("-c http://x.example/c.txt", r"r\.txt:1: http://x.example/c.txt is a URL"),
        ("-e git+https://x.example/a#egg=a", r"r\.txt:1: .* names a repository"),
    ],
)
def test_what_is_not_understood_is_an_error_with_its_line(
    text: str, message: str, tmp_path: Path
) -> None:
    """The error for a line that cannot be parsed names its file and line number."""
    with pytest.raises(UsageError, match=message):
        read_requirements(write(tmp_path, "r.txt", text))


@pytest.mark.parametrize("digest", ["ab" * 32 + "z", "abrc1", "ab+c"])
def test_a_hash_is_taken_whole_or_not(digest: str, tmp_path: Path) -> None:
    """A malformed hash raises an error, and is not read as part of the version."""
    found = read_requirements(write(tmp_path, "r.txt", f"a==1.0 --hash=sha256:{digest}\n"))
    assert found.requirements[0].text == f"a==1.0 --hash=sha256:{digest}"
    assert found.requirements[0].hashes == {}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_marks_of_an_encoding_are_understood(encoding: str, tmp_path: Path) -> None:
    """A byte order mark, which editors on Windows write, is ignored."""
    (tmp_path / "r.txt").write_bytes("a==1.0  # é\n".encode(encoding))
    assert read_requirements(tmp_path / "r.txt").requirements[0].text == "a==1.0"


def test_variables_of_the_environment_are_put_in(tmp_path: Path) -> None:
    """As in pip, variables in braces are expanded, but unset variables are left unchanged."""
    text = "-i https://${USER_1}:${TOKEN}@x.example/simple\na==${VERSION}\nb==$VERSION # ${LOST}\n"
    found = read_requirements(write(tmp_path, "r.txt", text), {"USER_1": "me", "VERSION": "1"})
    assert found.values["--index-url"] == ["https://me:${TOKEN}@x.example/simple"]
    assert [line.text for line in found.requirements] == ["a==1", "b==$VERSION"]


def make_pin(name: str, version: str, origin: Origin) -> Pin:
    """Return a pin."""
    return Pin(canonicalize_name(name), Version(version), origin)


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    """Pins of every origin, with their hashes, are written and read back."""
    pins = (
        make_pin("a", "1.0+cpu", Origin("index", "https://pypi.org/simple")),
        make_pin("b", "2", Origin("url", "https://x.example/b-2-py3-none-any.whl")),
        make_pin("c", "3", Origin("path", "/src/c")),
        make_pin("d", "4", Origin("editable", "/src/d")),
    )
    text = write_requirements(
        pins, lambda pin: ("sha256:aa", "sha256:bb") if pin.name == "a" else ()
    )
    found = read_requirements(write(tmp_path, "r.txt", text))
    assert [line.text for line in found.requirements] == [
        "a==1.0+cpu",
        "b @ https://x.example/b-2-py3-none-any.whl",
        "c @ file:///src/c",
    ]
    assert [line.hashes for line in found.requirements] == [
        {"sha256": frozenset({"aa", "bb"})},
        {},
        {},
    ]
    assert found.values["--editable"] == ["/src/d"]
