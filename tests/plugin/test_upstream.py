"""The option that names running index servers in place of indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.plugin.conftest import Run, Write


def test_option_of_another_form_is_refused(run: Run, write: Write) -> None:
    """An option value that is not NAME=URL is a usage error."""
    write("one.toml", write.scenario_text())
    result = run("one.toml", "--indexcache-upstream", "pypi=secret")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*--indexcache-upstream: index 'pypi' cannot be asked*"])


def test_server_is_asked_in_the_place_of_the_index(run: Run, write: Write) -> None:
    """Requests go to the named server instead of the index; if it is down, plays are errors."""
    write("one.toml", write.scenario_text())
    result = run("one.toml", "--indexcache-upstream", "pypi=http://127.0.0.1:9/simple")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*127.0.0.1 did not answer*"])
