"""The count of the plays of a command."""

from __future__ import annotations

from io import StringIO

from pytest_indexcache.cli.plays.play_count import PlayCount
from pytest_indexcache.cli.terminal.progress import Progress


def counted(*, shows_plays: bool = True) -> tuple[PlayCount, StringIO]:
    """Return a count, and the stream to which it writes."""
    stream = StringIO()
    return PlayCount(Progress(stream, shows_plays=shows_plays)), stream


def test_total_is_an_estimate_until_all_plays_are_planned() -> None:
    """The total contains the word "about" while later plays are only expected."""
    count, stream = counted()
    count.plan(1)
    count.expect(4)
    count.begin("uv")
    count.plan(2)
    count.expect(0)
    count.begin("pip")
    assert stream.getvalue() == "play 1 of about 5: uv\nplay 2 of 3: pip\n"


def test_plays_of_one_name_are_one_line_outside_a_terminal() -> None:
    """Plays with the same name as the play before are counted without a line of their own."""
    count, stream = counted()
    count.plan(4)
    for name in ("a", "a", "a", "b"):
        count.begin(name)
    assert stream.getvalue() == "play 1 of 4: a\nplay 4 of 4: b\n"


def test_expected_plays_may_be_more_than_were_expected() -> None:
    """The number of a play is never larger than the total."""
    count, stream = counted()
    count.expect(1)
    for name in ("a", "b"):
        count.begin_expected(name)
    count.plan(1)
    count.begin("c")
    assert stream.getvalue() == "play 3 of 3: c\n"


def test_nothing_is_shown_without_progress() -> None:
    """With ``--no-progress`` no play is shown."""
    count, stream = counted(shows_plays=False)
    count.plan(1)
    count.begin("a")
    assert stream.getvalue() == ""
