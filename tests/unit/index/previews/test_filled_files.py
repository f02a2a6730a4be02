"""Placeholders in files of a scenario, filled when the files are written."""

from __future__ import annotations

import pytest

from pytest_indexcache.errors import ScenarioError
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.index.previews.filled_files import filled
from pytest_indexcache.run.loading import loads_playable
from pytest_indexcache.scenario import loads
from pytest_indexcache.scenario.tables.steps import Edit

WHEEL, LATER = "six-1.0-py3-none-any.whl", "six-2.0-py3-none-any.whl"
TEXT = f'''
title = "t"
[indexes.pypi]
url = "https://pypi.org/simple"
packages = {{ six = {{ "1.0" = {{}} }} }}
[files]
"project/requirements.txt" = """
six --hash=sha256:${{sha256:{WHEEL}}} --hash=sha256:${{sha256:{LATER}}}
"""
[[steps]]
do = "replace"
index = "pypi"
project = "six"
version = "1.0"
[[steps]]
do = "publish"
index = "pypi"
project = "six"
version = "2.0"
[[steps]]
do = "edit"
files."project/requirements.txt" = "six @ ${{url:{WHEEL}}}#sha256=${{sha256:{WHEEL}}}"
[[steps]]
do = "sync-requirements"
expect.exit = "any"
'''


def test_each_text_has_what_is_there_when_it_is_written() -> None:
    """A file is filled with hashes that are current when it is written, even of later releases."""
    scenario = loads(TEXT)
    indexes = FakeIndexes(scenario.indexes)

    def digest(name: str) -> str:
        [file] = [it for it in indexes["pypi"].files.values() if it.filename == name]
        return file.distribution.digests.sha256

    first = digest(WHEEL)
    for step in scenario.steps[:2]:
        indexes.apply(step)  # type: ignore[arg-type]
    result = filled(scenario)
    assert result.files["project/requirements.txt"] == (
        f"six --hash=sha256:{first} --hash=sha256:{digest(LATER)}\n"
    )
    edit = result.steps[2]
    assert isinstance(edit, Edit)
    text = edit.files["project/requirements.txt"]
    assert text.startswith("six @ https://files.pythonhosted.org/packages/")
    assert text.endswith(f"/{WHEEL}#sha256={digest(WHEEL)}")
    assert first not in text


def test_a_file_that_no_index_has_is_a_mistake() -> None:
    """A placeholder for an unknown file is reported with its place and a hint."""
    with pytest.raises(ScenarioError, match=r"no index has a file 'six-1.0.tar.gz' at any time"):
        loads_playable(TEXT.replace(f"url:{WHEEL}", "url:six-1.0.tar.gz"))


def test_a_file_that_two_indexes_have_must_be_the_same() -> None:
    """A placeholder is reported if its filename belongs to two different files."""
    other = TEXT.replace(
        "[files]",
        """[indexes.other]
url = "https://other.example/simple"
packages = { six = { "1.0" = {} } }
[files]""",
    )
    with pytest.raises(ScenarioError, match=f"several indexes have a file '{WHEEL}'"):
        loads_playable(other)
    loads_playable(other.replace('"1.0" = {}', '"1.0" = { build = "one" }'))


def test_what_is_filled_in_is_limited() -> None:
    """Files with filled-in placeholders count against the size limits, singly and together."""
    url = f"https://files.example/{'x' * 190}/{'y' * 190}/{'z' * 190}/a-1.0-py3-none-any.whl"
    line = "${url:a-1.0-py3-none-any.whl}\\n"

    def scenario(lines: int, files: int) -> str:
        texts = "".join(f'"a{number}.md" = "{line * lines}"\n' for number in range(files))
        index = "title = 't'\n[indexes.pypi]\nurl = 'https://pypi.org/simple'\n"
        package = f'[indexes.pypi.packages.a."1.0"]\nurl = "{url}"\n'
        return f"{index}{package}[files]\n{texts}[[steps]]\ndo = 'lock'\nexpect.exit = 'any'\n"

    loads_playable(scenario(1600, 15))
    with pytest.raises(ScenarioError, match=r'a0\.md": filled in, the text has 1,\d+,\d+ char'):
        loads_playable(scenario(1700, 1))
    with pytest.raises(ScenarioError, match="with this, all texts that are filled in have more"):
        loads_playable(scenario(1600, 20))
