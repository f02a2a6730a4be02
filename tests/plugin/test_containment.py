"""The containment of installers in a run of pytest."""

from __future__ import annotations

import pytest

from pytest_indexcache.installers.containment.kernel import kernel_support


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
        (("--indexcache-contained", "off"), "indexcache: not contained: containment is off"),
        ((), f"indexcache: {kernel_support().words}"),
    ],
)
def test_header_says_which_containment_is_in_force(
    pytester: pytest.Pytester, options: tuple[str, ...], header: str
) -> None:
    """The header of a run says whether installers are contained."""
    result = _play(pytester, *options)
    assert header in result.stdout.lines
    result.assert_outcomes(passed=1)


def test_a_trusted_file_that_is_not_there_is_a_usage_error(pytester: pytest.Pytester) -> None:
    """A missing file in ``--indexcache-trust`` is a usage error."""
    result = _play(pytester, "--indexcache-trust", "nowhere.toml")
    result.stderr.fnmatch_lines(["*--indexcache-trust: there is no file or folder*nowhere.toml"])
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_required_walls_stand_around_what_the_reference_starts(pytester: pytest.Pytester) -> None:
    """With required containment, the reference plays only if the kernel can contain it."""
    result = _play(pytester, "--indexcache-contained", "require")
    if kernel_support().can_contain:
        result.assert_outcomes(passed=1)
    else:
        result.stdout.fnmatch_lines([f"*cannot contain the installer: {kernel_support().missing}*"])
