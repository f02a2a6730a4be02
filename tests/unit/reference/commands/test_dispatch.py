"""What a command line says is done, or refused with the option that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.errors import UsageError
from pytest_indexcache.reference.commands.arguments import build_parser
from pytest_indexcache.reference.commands.dispatch import Invocation, named_index
from pytest_indexcache.reference.commands.session import Settings
from pytest_indexcache.reference.words.packages import IndexLocation

OTHER = ["--extra-index-url", "other=https://other.example/simple"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["install", "six", "--flat", "other"], "--flat: no index is called 'other'"),
        (["install", "six", *OTHER, "--cache-control", "other=x"], "says neither pages nor files"),
        (["lock", "--cache-control", "main.pages=x"], "--cache-control: no index is called 'main'"),
        (["install", "six", "--extra-index-url", "other"], "'other' is no index"),
        (["install"], "nothing is asked for"),
    ],
)
def test_wrong_option_is_named(arguments: list[str], message: str, tmp_path: Path) -> None:
    """An option that makes no sense is an error that names it, before anything is asked."""
    settings = Settings(cache_dir=tmp_path, clock=lambda: 0.0)
    chosen = build_parser().parse_args(arguments)
    with pytest.raises(UsageError, match=message):
        Invocation(chosen, settings, tmp_path).do()


def test_index_with_and_without_a_name() -> None:
    """An index without a name is called by its URL."""
    url = "https://x.example/simple?a=b"
    assert named_index(f"x={url}") == IndexLocation("x", url)
    assert named_index(url) == IndexLocation(url, url)
