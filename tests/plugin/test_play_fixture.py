"""The fixture ``play`` in tests whose plays do not pass."""

from __future__ import annotations

import pytest

HEAD = """\
import pytest

SCENARIO = '''
title = "A wheel comes once"
[indexes.pypi]
url = "https://pypi.org/simple"
headers = "pytorch"
[indexes.pypi.packages]
six."1.17.0" = {}
[project]
dependencies = ["six"]
[[steps]]
do = "sync"
expect = { downloads = { six = 1 } }
[[steps]]
do = "remove-venv"
[[steps]]
do = "sync"
expect = { downloads = {} }
'''
BAD = "reference:obey-no-store"


"""


@pytest.fixture(params=[(), ("-n", "2")], ids=["alone", "two workers"])
def workers(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Return the options for a run in one process, and with two workers."""
    chosen: tuple[str, ...] = request.param
    return chosen


@pytest.mark.parametrize(
    "body",
    [
        "result = play(SCENARIO, installer=BAD)\n    assert result.passed",
        "assert play(SCENARIO, installer=BAD)",
        "result = play(SCENARIO, installer=BAD)\n    assert result, result",
        'assert play(SCENARIO, installer=BAD).verdict == "passed"',
        'assert {"passed"} == {play(SCENARIO, installer=it).verdict for it in ("reference", BAD)}',
        "assert not play(SCENARIO, installer=BAD).failed_step",
        "play(SCENARIO, installer=BAD)\n    raise KeyError",
        "play(SCENARIO, installer=BAD)\n    pytest.fail()",
    ],
)
def test_failure_shows_the_play_that_did_not_pass(
    pytester: pytest.Pytester, workers: tuple[str, ...], body: str
) -> None:
    """A failed test shows the step, the expected and observed values, and the cause."""
    pytester.makepyfile(f"{HEAD}def test_it(play):\n    {body}\n")
    result = pytester.runpytest(*workers)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E  *A wheel comes once",
            "E  *played by reference:obey-no-store * (inprocess)",
            "E  *step 3: sync does not behave as expected",
            "E  *expected  seen",
            "E  *downloads.six  0         1",
            "E  *six-1.17.0-py3-none-any.whl was downloaded again*",
        ]
    )
    # pytest repeats the message in its summary where the variable CI is set
    shown = [line for line in result.outlines if line.startswith("E") and "played by" in line]
    assert len(shown) == 1


def test_play_is_true_if_it_passed_alone(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    """A play is true only if its verdict is passed; a known misbehaviour makes it false."""
    body = """\
def test_it(play):
    assert play(SCENARIO)
    wrong = SCENARIO.replace("downloads = {}", "downloads = { six = 7 }")
    known = play(wrong + "[affected]\\nreference = '>=0'\\n")
    assert known.verdict == "reproduced"
    assert not known
"""
    pytester.makepyfile(HEAD + body)
    pytester.runpytest(*workers).assert_outcomes(passed=1)


def test_play_that_passes_explains_nothing(pytester: pytest.Pytester) -> None:
    """A failed test whose play passed has no explanation of the play."""
    pytester.makepyfile(f"{HEAD}def test_it(play):\n    assert not play(SCENARIO).passed\n")
    result = pytester.runpytest()
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*played by*")


def test_play_that_is_skipped_skips_the_test(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    """A skipped play skips the test with the same reason."""
    text = HEAD.replace('do = "remove-venv"', 'command = { uv = "uv cache clean" }')
    pytester.makepyfile(f"{text}def test_it(play):\n    play(SCENARIO)\n    raise AssertionError\n")
    result = pytester.runpytest("-rs", *workers)
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED * reference: *command*uv*"])


def test_play_that_ends_in_an_error_fails_the_test(
    pytester: pytest.Pytester,
    workers: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A play that ends in an error fails the test instead of skipping it."""
    monkeypatch.setenv("PATH", str(pytester.path))
    pytester.makepyfile(f'{HEAD}def test_it(play):\n    play(SCENARIO, installer="uv")\n')
    result = pytester.runpytest(*workers)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *PlayError: A wheel comes once", "E *uv: it is not on PATH"])
