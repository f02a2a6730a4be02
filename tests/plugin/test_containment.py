"""What a run says of containment."""

from __future__ import annotations

import pytest

from pytest_indexcache.installers.containment.kernel import kernel_walls


def _play(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    file = pytester.makefile(
        ".toml",
        scenario="""
title = "A wheel comes once"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
torch."1.0" = {}
[project]
dependencies = ["torch"]
[[steps]]
do = "sync"
expect = { downloads = { torch = 1 } }
""",
    )
    return pytester.runpytest(
        "--indexcache-scenarios", "-p", "no:cacheprovider", str(file), *options
    )


@pytest.mark.parametrize(
    ("options", "header"),
    [
        ((), "indexcache: not contained: containment is off"),
        (("--indexcache-contained", "auto"), f"indexcache: {kernel_walls().words}"),
    ],
)
def test_header_says_which_containment_is_in_force(
    pytester: pytest.Pytester, options: tuple[str, ...], header: str
) -> None:
    """The header of a run says whether installers are contained, and the scenario is played."""
    result = _play(pytester, *options)
    assert header in result.stdout.lines
    result.assert_outcomes(passed=1)


def test_required_walls_around_the_reference_are_an_error(pytester: pytest.Pytester) -> None:
    """The reference runs within the process: where walls are required its play is an error."""
    result = _play(pytester, "--indexcache-contained", "require")
    result.stdout.fnmatch_lines(
        ["*cannot contain the installer: the installer runs within this process*"]
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
