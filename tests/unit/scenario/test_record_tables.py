"""Writing what was measured into a scenario."""

from __future__ import annotations

import tomllib

import pytest

from pytest_indexcache.scenario.record_tables import with_record_tables

TABLES = {"affected": {"uv": ">=0.8,<=0.8.11"}, "measured": {"uv": "0.8 - 0.9; today"}}
BLOCKS = '[affected]\nuv = ">=0.8,<=0.8.11"\n\n[measured]\nuv = "0.8 - 0.9; today"\n\n'
HEAD = '# comment\ntitle = "A title"  # more\n\n'
REST = '[variants]\nobey-no-store = 3\n\n[[steps]]\ndo = "sync"\n'


@pytest.mark.parametrize(
    "old",
    [
        "",
        '[affected]\nuv = "== 1"  # gone\n\n',
        '[measured]\nuv = "then"\n\n[affected] # of old\nuv = "== 1"\npip = ">= 0"\n\n',
    ],
)
def test_the_tables_are_replaced_and_all_else_stays(old: str) -> None:
    """They stand where they stood, or before the first table."""
    assert with_record_tables(HEAD + old + REST, TABLES) == HEAD + BLOCKS + REST


def test_tables_further_down_come_to_the_front() -> None:
    """Wherever they were, they are written before the other tables."""
    text = HEAD + REST + '[affected]\nuv = "== 1"\n'
    assert with_record_tables(text, TABLES) == HEAD + BLOCKS + REST


def test_an_empty_table_is_left_out() -> None:
    """Where nothing misbehaves any more there is no [affected]."""
    written = with_record_tables(HEAD + BLOCKS + REST, {**TABLES, "affected": {}})
    assert written == HEAD + BLOCKS.partition("\n\n")[2] + REST


def test_writing_twice_changes_nothing() -> None:
    """What was written is read as it was meant."""
    once = with_record_tables(HEAD + REST, TABLES)
    assert once is not None
    assert with_record_tables(once, TABLES) == once
    assert tomllib.loads(once)["affected"] == TABLES["affected"]


@pytest.mark.parametrize(
    "text",
    [
        'title = "a"\naffected = { uv = "== 1" }\n[[steps]]\ndo = "sync"\n',
        'title = "a"\ndescription = """\n[affected]\nis what I say\n"""\n[[steps]]\ndo = "sync"\n',
        'affected.uv = "== 1"\ntitle = "a"\n',
    ],
)
def test_what_cannot_be_rewritten_is_left_alone(text: str) -> None:
    """A table that is written in another way, or a string that looks like one, is not broken."""
    assert with_record_tables(text, TABLES) is None
