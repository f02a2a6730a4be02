"""The bundled header profiles, which are valid and send the fields in their sources."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_indexcache.errors import HeaderProfileError
from pytest_indexcache.messages import Headers
from pytest_indexcache.servers import (
    Group,
    Representation,
    check_field,
    load_profile,
    profile_names,
)
from pytest_indexcache.servers.profiles import parse_profile

NOW = 1_756_684_800.0
DATE = "Mon, 01 Sep 2025 00:00:00 GMT"
PAGE = Representation("text/html", 20, "a" * 64, "b" * 40, "c" * 32, NOW - 60)
WHEEL = Representation("application/octet-stream", 9, "1" * 64, "2" * 40, "3" * 32, NOW, "a.whl")
REQUIRED = {
    "artifact-keeper",
    "artifactory",
    "azure",
    "bandersnatch",
    "codeartifact",
    "devpi",
    "gitlab",
    "nexus",
    "none",
    "nvidia",
    "piwheels",
    "proxpi",
    "pulp",
    "pypi",
    "pypiserver",
    "pytorch",
    "pytorch-2026-07",
    "pytorch-without-cache-control",
    "simple-repository-server",
}
WHOLE = """
title = "x"
not-found = ""
[[sources]]
url = "https://example.org/1"
date = "2025-01-01"
note = "seen"
[pages]
[files]
"""


def test_required_profiles_exist() -> None:
    """There are profiles for the indexes in the reports, and for those that users requested."""
    assert set(profile_names()) >= REQUIRED


@pytest.mark.parametrize("name", profile_names())
def test_profile_says_where_it_is_from(name: str) -> None:
    """Each profile has a title, sources with dates, and a note about missing evidence."""
    profile = load_profile(name)
    assert profile.name == name
    assert profile.title
    assert profile.not_found
    assert all(source.url and source.date and source.note for source in profile.sources)


@pytest.mark.parametrize("name", profile_names())
@pytest.mark.parametrize("group", get_args(Group))
def test_every_field_can_be_sent(name: str, group: Group) -> None:
    """Each profile sends valid fields with Content-Type, and Date if its source has Date."""
    profile = load_profile(name)
    headers = profile.respond(group, WHEEL, NOW)
    has_date = profile.fields(group).get("date") is not False
    assert headers.get("date") == (DATE if has_date else None)
    assert headers.get("content-type")
    assert "content-length" not in headers
    for field, value in headers:
        check_field(field, value)
        assert "$" not in value


@pytest.mark.parametrize("name", profile_names())
@pytest.mark.parametrize("group", get_args(Group))
def test_not_modified_repeats_what_the_200_says(name: str, group: Group) -> None:
    """A 304 of each profile repeats fields of its 200 unchanged, including Date if present."""
    profile = load_profile(name)
    headers = profile.respond(group, WHEEL, NOW)
    repeated = profile.not_modified(headers)
    assert set(repeated) <= set(headers)
    assert ("date" in repeated) == ("date" in headers)
    assert "content-type" not in repeated


@pytest.mark.parametrize(
    ("name", "group", "fields"),
    [
        ("pypi", "pages", {"cache-control": "max-age=600, public", "content-type": "text/html"}),
        ("pypi", "pages", {"etag": '"zMzMzMzMzMzMzMzMzMzMzA"', "vary": "Accept, Accept-Encoding"}),
        ("pypi", "files", {"cache-control": "max-age=365000000, immutable, public"}),
        ("pytorch", "pages", {"cache-control": "no-cache,no-store,must-revalidate"}),
        ("pytorch", "files", {"cache-control": "no-cache,no-store,must-revalidate"}),
        ("pytorch", "metadata", {"cache-control": "no-cache,no-store,must-revalidate"}),
        (
            "pytorch-without-cache-control",
            "files",
            {"cache-control": None, "etag": f'"{"c" * 32}-24"', "age": "683"},
        ),
        ("pytorch-2026-07", "pages", {"cache-control": "max-age=600, public, must-revalidate"}),
        ("pytorch-2026-07", "files", {"cache-control": None}),
        (
            "nvidia",
            "files",
            {
                "cache-control": "max-age=0, no-cache, no-store",
                "expires": DATE,
                "pragma": "no-cache",
            },
        ),
        ("artifactory", "files", {"etag": "b" * 40}),
        ("nexus", "pages", {"etag": None, "last-modified": "Sun, 31 Aug 2025 23:59:00 GMT"}),
        ("nexus", "files", {"etag": f'"{{SHA1{{{"b" * 40}}}}}"', "cache-control": None}),
        ("gitlab", "pages", {"etag": f'W/"{"c" * 32}"', "vary": "Accept-Encoding, Origin"}),
        ("azure", "files", {"etag": f'"0x{"A" * 15}"', "cache-control": None}),
        ("devpi", "pages", {"etag": None, "cache-control": None, "vary": "User-Agent, Accept"}),
        ("devpi", "files", {"etag": None, "cache-control": "max-age=365000000, immutable, public"}),
        ("pypiserver", "pages", {"etag": None, "last-modified": None, "cache-control": None}),
        ("none", "files", {"etag": None, "last-modified": None, "cache-control": None}),
    ],
)
def test_fields_of_an_index(name: str, group: Group, fields: dict[str, str | None]) -> None:
    """A profile sends the fields in its sources, and no fields that its sources lack."""
    headers = load_profile(name).respond(group, PAGE, NOW)
    assert {field: headers.get(field) for field in fields} == fields


def test_expires_equals_date() -> None:
    """A file of the NVIDIA index has the same Expires and Date."""
    headers = load_profile("nvidia").respond("files", WHEEL, NOW + 17)
    assert headers.get("expires") == headers.get("date")
    assert parsedate_to_datetime(headers.get("date") or "").timestamp() == NOW + 17


def test_default_not_modified_fields() -> None:
    """If there is no evidence, a 304 repeats the fields that RFC 9110 §15.4.5 requires."""
    headers = Headers.of(
        {
            "Date": DATE,
            "ETag": '"1"',
            "Cache-Control": "max-age=5",
            "Expires": DATE,
            "Vary": "Accept",
            "Content-Location": "/x",
            "Last-Modified": DATE,
            "Content-Type": "text/html",
            "Server": "x",
        }
    )
    repeated = load_profile("none").not_modified(headers)
    names = ["Date", "ETag", "Cache-Control", "Expires", "Vary", "Content-Location"]
    assert [name for name, _ in repeated] == names


def test_last_modified_stands_in_for_a_missing_etag() -> None:
    """A 304 without ETag repeats Last-Modified, which clients need to update their copy."""
    headers = Headers.of({"Date": DATE, "Last-Modified": DATE, "Server": "x"})
    assert [name for name, _ in load_profile("devpi").not_modified(headers)] == [
        "Date",
        "Last-Modified",
    ]


@pytest.mark.parametrize("name", ["nexus", "artifactory"])
def test_not_modified_without_validators(name: str) -> None:
    """A 304 of Nexus or of Artifactory has no validator, as in their sources."""
    profile = load_profile(name)
    headers = profile.not_modified(profile.respond("pages", PAGE, NOW))
    assert "etag" not in headers
    assert "last-modified" not in headers


def test_unknown_projects() -> None:
    """The PyTorch index answers 403 for an unknown project, and all other profiles answer 404."""
    statuses = {name: load_profile(name).unknown_status for name in profile_names()}
    assert {name for name, status in statuses.items() if status == 403} == {
        "pytorch",
        "pytorch-2026-07",
        "pytorch-without-cache-control",
    }


def test_unknown_profile() -> None:
    """The error for an unknown profile names the most similar profile, and lists all of them."""
    with pytest.raises(HeaderProfileError) as caught:
        load_profile("pytoch")
    assert caught.value.message == "header profile 'pytoch': there is none"
    assert caught.value.hint.startswith("did you mean 'pytorch'? profiles: artifact-keeper, ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title =", "header profile 'x': not TOML: Invalid value (at end of document)"),
        (WHOLE.replace('title = "x"', ""), "header profile 'x': title: Field required"),
        (
            WHOLE + 'etag = "a\\nb"',
            "header profile 'x': files: Value error, 'a\\nb' is not the value of a header field: "
            "it can have only visible ASCII, spaces and tabs (RFC 9110 §5.5)",
        ),
    ],
)
def test_profile_file_that_is_wrong(text: str, message: str) -> None:
    """The error for an invalid profile file says where the problem is."""
    assert parse_profile("x", WHOLE).title == "x"
    with pytest.raises(HeaderProfileError) as caught:
        parse_profile("x", text)
    assert str(caught.value) == message


@given(st.text() | st.text().map(lambda text: WHOLE + text))
def test_profile_file_of_anything(text: str) -> None:
    """Any profile file is a valid profile or raises HeaderProfileError."""
    try:
        parse_profile("x", text)
    except HeaderProfileError as error:
        assert error.problem  # noqa: PT017  (either outcome is right, nothing else is)
