"""The JSON document of a release, which poetry requests from pypi.org."""

from __future__ import annotations

import json

import pytest

from pytest_indexcache.messages import Kind
from tests.unit.index.asking import PYPI, ask, body, one_index
from tests.unit.index.test_fake_index_changes import change

RELEASE = "https://pypi.org/pypi/six/1.17.0/json"
PACKAGES = {"six": {"1.17.0": {"requires": ["idna"]}}}


def test_release_is_described_in_json_of_its_own_kind() -> None:
    """The JSON document is recorded with the kind ``json``, not as page, metadata or file."""
    response = ask(one_index(packages=PACKAGES), RELEASE)
    document = json.loads(body(response))
    assert (response.status, response.subject.kind) == (200, Kind.JSON)
    assert response.subject.project == "six"
    assert document["info"]["requires_dist"] == ["idna"]
    assert [it["filename"] for it in document["urls"]] == ["six-1.17.0-py3-none-any.whl"]


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://pypi.org/pypi/six/2.0/json", Kind.JSON),
        ("https://pypi.org/pypi/Not_There/1.0/json", Kind.JSON),
        ("https://pypi.org/pypi/six/not-a-version/json", Kind.OTHER),
    ],
)
def test_release_that_is_not_there_is_unknown(url: str, kind: Kind) -> None:
    """A request for the JSON document of a missing release gets a 404 of the kind ``json``."""
    response = ask(one_index(packages=PACKAGES), url)
    assert (response.status, response.subject.kind) == (404, kind)


def test_only_pypi_describes_releases() -> None:
    """Only pypi.org serves the JSON document, which is not part of the simple API."""
    served = one_index("https://packages.example.com/simple", packages=PACKAGES)
    response = ask(served, "https://packages.example.com/pypi/six/1.17.0/json")
    assert response.status == 404
    assert response.subject.kind is Kind.OTHER


def test_faults_befall_it_by_its_kind() -> None:
    """A fault for the kind ``json`` does not apply to pages."""
    served = one_index(packages=PACKAGES)
    change(served, "fail", how="status", status=503, kind="json")
    assert ask(served, f"{PYPI}/six/").status == 200
    assert ask(served, RELEASE).status == 503
    assert ask(served, RELEASE).status == 200
