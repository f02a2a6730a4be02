"""Tags and markers, computed from the data that a Python prints about itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from packaging.markers import default_environment
from packaging.tags import sys_tags

from pytest_indexcache.system.pythons.interpreter_facts import facts
from pytest_indexcache.system.pythons.interpreter_tags import tags_of


def facts_of(version: str, **more: Any) -> dict[str, Any]:
    """Return the data that another version of CPython would print on this machine."""
    ours = facts()
    markers = {**ours["markers"], "python_version": version}  # type: ignore[dict-item]
    plain = {"is_debug": False, "is_free_threaded": False, "has_pymalloc": False}
    return {**ours, **plain, "markers": markers, **more}


def test_the_facts_of_the_running_python_give_what_packaging_gives() -> None:
    """For the running Python, computed tags and markers are equal to those of ``packaging``."""
    ours = json.loads(json.dumps(facts()))
    assert tags_of(ours) == tuple(map(str, sys_tags()))
    assert ours["markers"] == default_environment()


@pytest.mark.parametrize(
    ("version", "more", "first_tag", "others", "absent"),
    [
        ("3.7", {"has_pymalloc": True}, "cp37-cp37m-", ["cp37-abi3-", "py3-none-any"], "cp38-"),
        ("3.8", {}, "cp38-cp38-", ["cp36-abi3-", "py38-none-any"], "cp39-"),
        ("3.12", {"is_debug": True}, "cp312-cp312d-", ["cp312-cp312-"], "cp313-"),
        ("3.13", {"is_free_threaded": True}, "cp313-cp313t-", ["py3-none-any"], "cp313-cp313-"),
    ],
)
def test_each_build_of_cpython_has_its_abi(
    version: str, more: dict[str, Any], first_tag: str, others: list[str], absent: str
) -> None:
    """The ABI tag of CPython depends on debugging, free threading and, before 3.8, on pymalloc."""
    tags = tags_of(facts_of(version, **more))
    assert tags[0].startswith(first_tag)
    for prefix in others:
        assert any(tag.startswith(prefix) for tag in tags), prefix
    assert not any(tag.startswith(absent) for tag in tags)


@pytest.mark.parametrize(
    ("name", "suffix", "first_tag"),
    [
        ("pypy", ".pypy310-pp73-x86_64-linux-gnu.so", "pp310-pypy310_pp73-"),
        ("graalpy", ".graalpy241-310-native-x86_64-linux.so", "graalpy310-graalpy241_310_native-"),
        ("other", "", "other310-none-"),
    ],
)
def test_other_implementations_are_known_by_their_extension_suffix(
    name: str, suffix: str, first_tag: str
) -> None:
    """The ABI of another implementation is taken from its suffix for extension modules."""
    facts_of_it = facts_of("3.10", extension_suffix=suffix)
    facts_of_it["markers"]["implementation_name"] = name
    tags = tags_of(facts_of_it)
    assert tags[0].startswith(first_tag)
    assert "py3-none-any" in tags


def test_another_platform_has_its_own_tag_alone() -> None:
    """A Python with another C library or word size does not have the tags of this platform."""
    other = facts_of("3.8", platform="linux-i686", libc="")
    other["markers"]["sys_platform"] = "linux"
    tags = tags_of(other)
    assert tags[0] == "cp38-cp38-linux_i686"
    assert not any("x86_64" in tag or "aarch64" in tag for tag in tags)
