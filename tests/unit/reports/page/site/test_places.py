"""Paths of pages."""

from __future__ import annotations

import pytest

from pytest_indexcache.reports.page.site.places import relative, safe_part, scenario_place


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("scenarios/pages/a-1.toml", "scenarios/pages/a-1"),
        ("my-report.toml", "scenarios/my-report"),
        ("../x.toml", "scenarios/x-5ec1f7e700/x"),
    ],
)
def test_place_of_a_scenario(name: str, place: str) -> None:
    """The path of a scenario's page depends only on its name, and is inside the site."""
    assert scenario_place(name) == place


@pytest.mark.parametrize(
    "text",
    ["", "..", ".", ".htaccess", "a b", "<b>", "a%2e", "é", "a\x00b", "a.", "x" * 300, "a\\b"],
)
def test_part_of_a_path_is_plain(text: str) -> None:
    """Any name becomes a short, plain and unique path segment."""
    part = safe_part(text)
    assert part.isascii()
    assert part.replace("-", "").isalnum()
    assert len(part) < 80
    assert part != safe_part(f"{text}?")


def test_link_between_pages_is_relative() -> None:
    """Links between pages are relative, so that a site works in any folder of a web server."""
    assert relative("style.css", "index.html") == "style.css"
    assert relative("servers/pypi.html", "installers/uv/0.9.html") == "../../servers/pypi.html"
