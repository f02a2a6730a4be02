"""Checks of requirements files, which are parsed as pip and uv parse them."""

from __future__ import annotations

import pytest

from pytest_indexcache.messages import HostPort
from pytest_indexcache.scenario.checks.safety.contents.requirements_files import (
    requirements_misfits,
)
from pytest_indexcache.scenario.values.reach import Reach

REACH = Reach(frozenset({HostPort("a.example", 443)}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n  \n# a comment\n#\n\t# another with -e /abs\n",
        "six\nidna >=3, <4  # via six\nidna[a,b]==3.6 ; python_version < '3.9'\r\nattrs~=1.0\n",
        "six==1.0 \\\n    --hash=sha256:00ff \\\n    --hash=sha256:11ee\n    # via idna\n",
        "six==1.0 --hash sha256:00",
        "six @ https://a.example/six-1.0.zip#sha256=00&subdirectory=src",
        "https://a.example/six-1.0-py3-none-any.whl",
        "./six-1.0-py3-none-any.whl\n../local\n-e ../local[extra]\n--editable=.\nlocal/\n",
        "foo @ ../foo\n-e file:///${PROJECT_ROOT}/foo\n",
        "-r other.txt\n--requirement=../base.in\n-cconstraints.txt\n",
        "-i https://a.example/simple\n--extra-index-url https://u:p@a.example/x --pre\n",
        "--no-index -f ../wheels\n--find-links=https://a.example/x.html",
        "--no-binary :all:\n--only-binary=six,idna\n--prefer-binary\n--require-hashes\n",
        "--trusted-host a.example:8080\n--use-feature fast-deps",
        "six --config-settings=a=b",
        "# -*- coding: utf-8 -*-\nsix",
    ],
)
def test_lines_of_reports_are_accepted(text: str) -> None:
    """Requirements files from reports pass the check."""
    assert not [str(misfit) for misfit in requirements_misfits(text, REACH)]


def test_each_line_that_is_wrong_is_told() -> None:
    """A mistake in a continued line is reported with the line's first line number."""
    text = "six\n/a\nidna \\\n  --frobnicate\n-e /b\n"
    lines = [str(misfit).partition(":")[0] for misfit in requirements_misfits(text, REACH)]
    assert lines == ["line 2", "line 3", "line 5"]
