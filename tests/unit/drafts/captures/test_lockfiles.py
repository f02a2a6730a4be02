"""Lockfiles with placeholders in place of hashes and sizes."""

from __future__ import annotations

from pytest_indexcache.drafts.captures.lockfiles import (
    locked_files,
    own_lockfile,
    placed_lockfile,
    with_sources,
)

A, B = "a" * 64, "b" * 64

UV = f"""\
[[package]]
name = "six"
source = {{ registry = "https://pypi.org/simple" }}
sdist = {{ url = "https://f.example/six-1.0.tar.gz", hash = "sha256:{B}", size = 7 }}
wheels = [
    {{ url = "x/six-1.0-py3-none-any.whl", hash = "sha256:{A}", size = 9, upload-time = "" }},
    {{ url = "https://f.example/six-1.0-cp311-cp311-win32.whl", hash = "sha256:{B}", size = 9 }},
]

[[package]]
name = "shop"
source = {{ editable = "." }}
"""


def test_files_that_were_asked_for_have_placeholders() -> None:
    """Requested files get placeholders, and files for other platforms are removed."""
    text = placed_lockfile(UV, {"six-1.0-py3-none-any.whl"})
    name = "six-1.0-py3-none-any.whl"
    assert f'hash = "sha256:${{sha256:{name}}}", size = ${{size:{name}}}, upload-time' in text
    assert "win32" not in text
    assert A not in text


def test_release_of_which_nothing_was_asked_stays() -> None:
    """If no file of a release was requested, all files of the release stay in the lockfile."""
    assert placed_lockfile(UV, set()) == UV


def test_own_package_is_that_of_a_project_that_is_not_built() -> None:
    """The project's own package in a lockfile gets a virtual source, because it is not built."""
    assert own_lockfile(UV) == UV.replace("editable", "virtual")


def test_lockfile_of_poetry_has_placeholders() -> None:
    """In poetry.lock, the filename and the hash of a file get placeholders."""
    text = f'files = [\n    {{file = "six-1.0-py3-none-any.whl", hash = "sha256:{A}"}},\n]\n'
    placed = placed_lockfile(text, {"six-1.0-py3-none-any.whl"})
    assert 'hash = "sha256:${sha256:six-1.0-py3-none-any.whl}"' in placed


def test_files_of_a_lockfile_belong_to_the_index_of_their_package() -> None:
    """The URL of each file is found, with the index of its package if there is one."""
    index = "https://pypi.org/simple"
    assert list(locked_files(UV)) == [
        (index, "https://f.example/six-1.0.tar.gz"),
        (index, "https://f.example/six-1.0-cp311-cp311-win32.whl"),
    ]
    pdm = 'files = [\n    {url = "https://f.example/a-1.0-py3-none-any.whl", hash = ""},\n]\n'
    line = "six @ https://f.example/six-1.0.zip#sha256=ab\nsix @ https://f.example/six.git\n"
    assert list(locked_files(pdm + line)) == [
        ("", "https://f.example/a-1.0-py3-none-any.whl"),
        ("", "https://f.example/six-1.0.zip"),
    ]


def test_source_of_a_package_has_the_name_of_its_index() -> None:
    """The source named in poetry.lock is renamed like the index."""
    text = 'reference = "Corp_Index"\nname = "corp-index"\n'
    assert with_sources(text, {"corp-index": "index1"}) == text.replace("Corp_Index", "index1")
