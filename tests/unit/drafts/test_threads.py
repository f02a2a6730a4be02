"""The log, project file and lockfile found in a pasted thread."""

from __future__ import annotations

from pytest_indexcache.drafts.threads import read_pasted
from tests.unit.drafts.a_thread import LOG, THREAD


def test_whole_thread_is_accepted() -> None:
    """Title, URL, project file and the log with most facts are found in a thread."""
    pasted = read_pasted(THREAD)
    assert pasted.title == "torch is always downloaded again"
    assert pasted.issue == "https://github.com/astral-sh/uv/issues/15425"
    assert pasted.project_file is not None
    assert pasted.project_file["project"]["name"] == "secret-name"
    assert pasted.other_logs == 1
    versions = {event.version for event in pasted.events if event.kind == "installer"}
    assert versions == {"0.8.2"}
    commands = [event.detail for event in pasted.events if event.kind == "command"]
    assert commands == ["uv sync -v", "uv cache clean"]


def test_log_alone_is_read_as_a_whole() -> None:
    """A text without fenced blocks is read as a log."""
    pasted = read_pasted(LOG)
    assert pasted.first_line == 0
    assert len(pasted.events) == 11
    assert pasted.project_file is None


def test_block_that_is_not_closed_reaches_to_the_end() -> None:
    """A fenced block that is not closed is read to the end of the thread."""
    pasted = read_pasted(f"```\n{LOG}")
    assert len(pasted.events) == 11
    assert pasted.first_line == 1


def test_lockfile_of_a_thread_is_found() -> None:
    """A block with a uv.lock is found as the lockfile."""
    lock = 'version = 1\n[[package]]\nname = "six"\nversion = "1.17.0"\n'
    pasted = read_pasted(f"```toml\n{lock}```\n```\n{LOG}```\n")
    assert pasted.lockfile is not None
    assert pasted.lockfile["package"][0]["name"] == "six"
