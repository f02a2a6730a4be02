"""Judgements about the simple pages of an index."""

from __future__ import annotations

import pytest

from pytest_indexcache.messages import Headers
from pytest_indexcache.probes.battery.asking import ServerAnswer
from pytest_indexcache.probes.battery.places import Places
from pytest_indexcache.probes.battery.seen import Seen
from pytest_indexcache.probes.findings import advice
from pytest_indexcache.probes.rules.page_rules import judge_pages
from pytest_indexcache.servers import load_profile

PLACES = Places("https://index.example/simple/", "foo")
WRONG = "wrong: 303 for an unknown project, to pypi.org: anybody may register the name there"


@pytest.mark.parametrize(
    ("status", "location", "subject", "expected"),
    [
        (404, None, "pages.unknown", "good: 404 for an unknown project"),
        (403, None, "pages.unknown", "wrong: 403 for an unknown project"),
        (303, "https://pypi.org/simple/x/", "pages.fallback", WRONG),
        (303, "//pypi.org/simple/x/", "pages.fallback", WRONG),
        (303, "/other/x/", "pages.unknown", "good: 303 for an unknown project"),
        (303, "http://index.example:80/x/", "pages.unknown", "good: 303 for an unknown project"),
        (303, "http://[", "pages.unknown", "good: 303 for an unknown project"),
        (303, None, "pages.unknown", "good: 303 for an unknown project"),
    ],
)
def test_redirect_of_unknown_names_to_another_host_is_wrong(
    status: int, location: str | None, subject: str, expected: str
) -> None:
    """An unknown project must not be redirected to a host where others can register names."""
    fields = Headers() if location is None else Headers.of({"Location": location})
    answers = {"unknown project, HTML": ServerAnswer(status, fields, b"")}
    judged = judge_pages(Seen(PLACES, answers), load_profile("pypi"))
    found = {it.subject: f"{it.grade}: {it.seen}" for it in judged}
    names = ("pages.unknown", "pages.fallback")
    assert {name: found[name] for name in names if name in found} == {subject: expected}


def test_fallback_has_the_setting_of_pypiserver() -> None:
    """For a pypiserver, the finding names the option that turns off its fallback to PyPI."""
    assert "--disable-fallback" in advice()["pages.fallback"].settings["pypiserver"]
