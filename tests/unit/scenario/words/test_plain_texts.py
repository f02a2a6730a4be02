"""Requirements, specifiers and markers that installers would parse differently."""

from __future__ import annotations

import pytest

from pytest_indexcache.scenario.words.plain_texts import (
    check_path,
    check_url,
    read_marker,
    read_requirement,
    read_specifier,
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("six===/../../x", "has '/', which installers read as part of a path"),
        ("six; sys_platform == 'a\\x22'", "has '\\\\', which installers read"),
        ("six; sys_platform == 'a/b'", "has '/'"),
        ("six @ https://a.example/six.zip ; sys_platform == 'a/b'", "has '/'"),
        ("six===${X}", "has '$'"),
        ("six===1\x01", "has '\\x01'"),
        ("six >", "is not a requirement (PEP 508)"),
    ],
)
def test_requirement_has_no_second_meaning(text: str, reason: str) -> None:
    """Requirements that pip reads as a path, or whose marker has an escape, are refused."""
    with pytest.raises(ValueError, match=r"leave it out|PEP 508") as refusal:
        read_requirement(text)
    assert reason in str(refusal.value)


def test_urls_of_requirements_have_slashes() -> None:
    """A requirement with a URL may contain slashes, because URLs are checked separately."""
    requirement = read_requirement("six[x] @ https://a.example/six.zip ; python_version < '3'")
    assert requirement.url == "https://a.example/six.zip"


def test_specifiers_and_markers_have_none() -> None:
    """Specifiers and markers that installers parse differently are refused."""
    with pytest.raises(ValueError, match="has '/'"):
        read_specifier("===/x")
    with pytest.raises(ValueError, match="has '/'"):
        read_marker("sys_platform == 'a/b'")
    assert str(read_specifier(">=1,<2")) in (">=1,<2", "<2,>=1")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("https://a.example/x,/tmp/y", "has ',', which may end a URL: encode it"),
        ("https://a.example/x\\y", "which may end a URL: encode it"),
        ("https://a.example/x/%2Ftmp%2Fy.whl", "has '%2F' in its path: write the character"),
        ("https://a.example/x/%252Ftmp", "has '%25' in its path"),
        ("https://a.example/%2e%2e/x", "has '%2e' in its path"),
        ("ftp://a.example/x", "is not an http or https URL"),
        ("https:///x", "names no host"),
    ],
)
def test_url_that_is_read_in_two_ways_is_refused(text: str, reason: str) -> None:
    """URLs with commas or backslashes, or with escapes that become paths, are refused."""
    with pytest.raises(ValueError, match=r"has |is not|names") as refusal:
        check_url(text)
    assert reason in str(refusal.value)


def test_escapes_outside_of_the_path_are_the_users() -> None:
    """A password in a URL may contain any percent-encoded character."""
    check_url("https://user:p%2Fa%25s@a.example/simple/torch-1.0%2Bcpu.whl?x=%2F")


@pytest.mark.parametrize("text", ["..[x]", ".. ", "a/.. /b", " ..", "...", "..a", "a/b ", "a / b"])
def test_folder_that_some_strip_to_another_is_refused(text: str) -> None:
    """A folder name with extras or outer spaces is refused, because pip and uv strip these."""
    with pytest.raises(ValueError, match="which an installer may read as another folder"):
        check_path(text, 200)
    check_path("a b/.c/../d..e", 200)


@pytest.mark.parametrize("text", ["a,/tmp/x", "a;b", "../x", "a/../../x", "$HOME", "a'b", "~/x"])
def test_path_that_is_read_in_two_ways_is_refused(text: str) -> None:
    """Paths with commas or variables are refused, because installers split or expand them."""
    with pytest.raises(ValueError, match=r"is not a path|leaves the workspace"):
        check_path(text, 200)


def test_path_may_have_spaces() -> None:
    """A path with spaces is accepted, because some reports are about such folders."""
    check_path("my project/ä (1)/../x", 200)
