"""The hash of the scenario's project file in lockfiles of Poetry and PDM."""

from __future__ import annotations

import pytest

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.drafts.captures.lock_hashes import rehashed

SOURCE = 'source = [{ name = "corp", url = "https://a.example/simple/" }]\n'
STANDARD = (
    '[project]\nname = "shop"\nversion = "1.0"\nrequires-python = ">=3.11"\ndependencies = []\n'
)
POETRY = f"{STANDARD}[dependency-groups]\ntest = []\n[tool.poetry]\npackage-mode = false\n{SOURCE}"
CLASSIC = (
    '[tool.poetry]\nname = "shop"\nversion = "1.0"\npackage-mode = false\n'
    '[tool.poetry.dependencies]\npython = ">=3.11"\n'
)
PDM = (
    f"{STANDARD}[dependency-groups]\nTest_A = []\n[tool.pdm]\ndistribution = false\n"
    + SOURCE.replace("corp", "pypi")
    + "[tool.pdm.resolution]\nrespect-source-order = true\n"
)
HASHES = {
    "poetry 2.5.1": "f8d03ca6266c8418cd63e1e2374a735da205aba083ad62a4ebfbb0dada02f921",
    "poetry 2.0.0": "5580a36e739c32467d74d90de173552335ceeddf4f3b665423b8566ca32ed4aa",
    "poetry 2.5.1 without [project]": (
        "1d1aeb46f29959994043b0e716c24eb2803261665aa7ccc87b9bc6747c381ce0"
    ),
    "pdm 2.29.4": "00a9077d8d2ac4edbbb59b5d3f13942d3456b480d492ceefeb0be90b8bfafb12",
    "pdm 2.10.0": "5597754d7de576867d86ab86aa541f0ccdad9b261cfc3e11b29185780c66bfc5",
}
"""The hash that each installer release wrote for its file in ``FILES``."""

FILES = dict(zip(HASHES, (POETRY, POETRY, CLASSIC, PDM, PDM), strict=True))


def _lock(release: str) -> str:
    name, sign = ("content_hash", "sha256:") if release.startswith("pdm") else ("content-hash", "")
    return f'[metadata]\n{name} = "{sign}{HASHES[release]}"\n'


@pytest.mark.parametrize("release", HASHES)
def test_hash_is_that_of_the_other_project_file(release: str) -> None:
    """If a lockfile matches one project file, its hash is replaced by the other file's hash."""
    installer = release.partition(" ")[0]
    before = loads_toml(FILES[release])
    changed = FILES[release].replace("a.example", "index1.example").replace(">=3.11", ">=3.12")
    after = loads_toml(changed)
    lock = _lock(release)
    other = rehashed(lock, installer, before, after)
    assert HASHES[release] not in other
    assert rehashed(other, installer, after, before) == lock


@pytest.mark.parametrize("release", HASHES)
def test_hash_of_an_outdated_lockfile_stays(release: str) -> None:
    """A lockfile that does not match the user's project file stays out of date."""
    after = loads_toml(FILES[release])
    before = {**after, "project": {"requires-python": ">=3.9"}}
    lock = _lock(release)
    assert rehashed(lock, release.partition(" ")[0], before, after) == lock
    assert rehashed("no hash", release.partition(" ")[0], after, before) == "no hash"
