"""Measured tables that are written into the text of a scenario."""

from __future__ import annotations

import tomllib

import pytest

from pytest_indexcache.scenario.record_tables import LINE_WIDTH, with_record_tables

AFFECTED = {"uv": ">=0.8,<=0.8.11"}
TABLES = {"affected": AFFECTED, "measured": {"uv": "0.8 - 0.9; today"}}
INLINE = 'affected = { uv = ">=0.8,<=0.8.11" }\nmeasured = { uv = "0.8 - 0.9; today" }\n'
LONG = dict.fromkeys(("pdm", "pip", "uv"), f"0.8 - 0.9; {'9' * 30}")
HEADED = f'[measured]\npdm = "{LONG["pdm"]}"\npip = "{LONG["pip"]}"\nuv = "{LONG["uv"]}"\n'
HEAD = '# comment\ntitle = "A title"  # more\n'
REST = (
    '\n# What a server sends\n[indexes.a]\nurl = "https://a.example/"\n\n[[steps]]\ndo = "sync"\n'
)


@pytest.mark.parametrize(
    "old",
    [
        "",
        'affected = { uv = "== 1" } # gone\n',
        'measured = { uv = "then" }\naffected={uv="== 1",pip=">= 0"}\n',
        '\n[affected]\nuv = "== 1"  # gone\n',
        '\n[measured]\nuv = "then"\n\n[affected] # of old\nuv = "== 1"\npip = ">= 0"\n',
        'affected = { uv = "== 1" }\n[measured]\nuv = "then"\n',
        HEADED,
    ],
)
def test_the_tables_are_replaced_and_all_else_stays(old: str) -> None:
    """Short tables are written inline at the top of the file, whatever form they had."""
    assert with_record_tables(HEAD + old + REST, TABLES) == HEAD + INLINE + REST


@pytest.mark.parametrize(
    "old", ["", INLINE, HEADED, '\n[affected]\nuv = "== 1"\n\n[measured]\nuv = "then"\n']
)
def test_a_table_of_more_than_a_line_has_a_header(old: str) -> None:
    """A table that does not fit on one line is written with a header after the inline tables."""
    expected = HEAD + INLINE.partition("\n")[0] + "\n" + HEADED + REST
    written = with_record_tables(HEAD + old + REST, {"affected": AFFECTED, "measured": LONG})
    assert written == expected


@pytest.mark.parametrize(("spare", "headed"), [(0, False), (-1, True)])
def test_a_line_of_the_whole_width_is_inline(spare: int, headed: bool) -> None:
    """A table is inline if its line is exactly as wide as permitted, but not if it is wider."""
    note = "9" * (LINE_WIDTH - len('measured = { uv = "" }') - spare)
    written = with_record_tables(HEAD + REST, {"measured": {"uv": note}})
    assert written is not None
    assert ("[measured]" in written) is headed


def test_inline_tables_stand_in_one_order() -> None:
    """Measured tables are written in a fixed order, and other tables stay in place."""
    rest = 'bug = { uv = "https://a.example/1" }\nvariants = { obey-no-store = 3 }\n' + REST
    assert with_record_tables(HEAD + rest, TABLES) == HEAD + INLINE + rest


def test_tables_further_down_come_to_the_front() -> None:
    """Measured tables are moved before all other tables, wherever they were."""
    text = HEAD + REST + '[affected]\nuv = "== 1"\n'
    assert with_record_tables(text, TABLES) == HEAD + INLINE + REST


def test_tables_of_other_names_stay() -> None:
    """A measured table that is not rewritten is kept verbatim, with its comments."""
    others = '\n[variants] # of the reference\nobey-no-store = 3\n\n[fixed-by]\nuv = "https://a.example/"\n'
    assert with_record_tables(HEAD + others + REST, TABLES) == HEAD + INLINE + others + REST


def test_an_empty_table_is_left_out() -> None:
    """A measured table without any release is removed from the file."""
    written = with_record_tables(HEAD + INLINE + REST, {**TABLES, "affected": {}})
    assert written == HEAD + INLINE.partition("\n")[2] + REST


@pytest.mark.parametrize("measured", [TABLES["measured"], LONG])
@pytest.mark.parametrize("text", [HEAD + REST, HEAD.rstrip("\n"), HEAD + REST.lstrip("\n")])
def test_writing_twice_changes_nothing(text: str, measured: dict[str, str]) -> None:
    """Writing the same tables again does not change the text."""
    tables = {"affected": AFFECTED, "measured": measured}
    once = with_record_tables(text, tables)
    assert once is not None
    assert with_record_tables(once, tables) == once
    assert tomllib.loads(once)["measured"] == measured


@pytest.mark.parametrize(
    "text",
    [
        'title = "a"\ndescription = """\n[affected]\nis what I say\n"""\n[[steps]]\ndo = "sync"\n',
        'title = "a"\ndescription = """\naffected = { uv = "1" }\n"""\n[[steps]]\ndo = "sync"\n',
        'title = "a"\ndescription = """\nvariants = { a = 1 }\n"""\n[[steps]]\ndo = "sync"\n',
        'affected.uv = "== 1"\ntitle = "a"\n',
        'title = "a"\n"affected" = { uv = "== 1" }\n',
        'title = "a"\n["affected"]\nuv = "== 1"\n',
        'title = "a"\n[affected]\n[affected.deeper]\nuv = "== 1"\n',
    ],
)
def test_what_cannot_be_rewritten_is_left_alone(text: str) -> None:
    """A table in an unknown form, or a string that looks like a table, is not changed."""
    assert with_record_tables(text, TABLES) is None
