"""Indexes printed as trees."""

from __future__ import annotations

from pytest_indexcache.cli.scenario_text import index_tree
from pytest_indexcache.scenario.tables.indexes import Index


def test_tree_has_projects_releases_and_what_they_are() -> None:
    """Releases are printed below their project, with size, requirements and yanks."""
    index = Index.model_validate(
        {
            "url": "https://pypi.org/simple",
            "packages": {
                "torch": {
                    "2.8.0": {"size": "175.4 MiB", "requires": ["six"]},
                    "2.9.0": {"yanked": True, "files": [{"kind": "sdist"}, {"size": "1 MiB"}]},
                },
                "six": {"1.17.0": {}},
            },
        }
    )
    assert list(index_tree("pypi", index)) == [
        "index pypi  https://pypi.org/simple  (like pypi)",
        "├── torch",
        "│   ├── 2.8.0  requires six, 175.4 MiB",
        "│   └── 2.9.0  yanked, files sdist; wheel py3-none-any (1 MiB)",
        "└── six",
        "    └── 1.17.0",
    ]


def test_long_tree_says_how_much_is_left_out() -> None:
    """A long tree shows the first releases and the number of the releases left out."""
    releases: dict[str, object] = {f"1.{number}": {} for number in range(30)}
    index = Index.model_validate({"url": "https://a.example/s", "packages": {"six": releases}})
    lines = list(index_tree("a", index))
    assert lines[-2:] == ["    ├── 1.19", "    └── … and 10 more releases"]
