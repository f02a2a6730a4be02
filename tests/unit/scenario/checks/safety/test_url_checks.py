"""URLs in requirements and sources, which must lead to indexes of the scenario."""

from __future__ import annotations

import pytest

from pytest_indexcache.errors import ScenarioError
from pytest_indexcache.scenario.loader import loads

HEAD = """title = "t"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages.six."1.0"]
[[steps]]
do = "sync"
expect = { installed-count = 0 }
"""
AWAY = "https://away.example/six-1.0-py3-none-any.whl"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (f'[project]\ndependencies = ["six @ {AWAY}"]', "project.dependencies[1]"),
        (f"[project]\nconstraints = [\"six @ {AWAY} ; os_name == 'x'\"]", "project.constraints[1]"),
        (f'[project.optional-dependencies]\nx = ["six @ {AWAY}"]', "optional-dependencies.x[1]"),
        (f'[sources]\nsix = {{ url = "{AWAY}", marker = "os_name == \'x\'" }}', "sources.six.url"),
        (
            f'[local-projects.a]\npath = "a"\nrequires = ["six @ {AWAY}"]',
            "local-projects.a.requires",
        ),
        (f'[[steps]]\ndo = "install"\nrequirements = ["six @ {AWAY}"]', "steps[2].requirements[1]"),
        (f'[[steps]]\ndo = "compile"\nrequirements = ["six @ {AWAY}"]', "steps[2].requirements[1]"),
        (f'[[steps]]\ndo = "add"\nrequirements = ["six @ {AWAY}"]', "steps[2].requirements[1]"),
    ],
)
def test_url_of_no_index_is_found(text: str, key: str) -> None:
    """If no index has the host of a URL, the URL is refused with a list of known hosts."""
    with pytest.raises(ScenarioError) as caught:
        loads(f"{HEAD}{text}\n")
    assert f"{key}" in str(caught.value)
    assert "no index of the scenario is at 'away.example' (they are at files." in str(caught.value)


def test_url_that_would_leave_what_is_unpacked_is_found() -> None:
    """A URL is refused if its subdirectory leads out of the unpacked archive."""
    url = "https://pypi.org/six-1.0.zip#subdirectory=../../x"
    with pytest.raises(ScenarioError, match=r"is not an http\(s\) URL without"):
        loads(f'{HEAD}[project]\ndependencies = ["six @ {url}"]\n')
