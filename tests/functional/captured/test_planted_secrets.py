"""Secrets of a user are planted everywhere, and a capture must not contain any of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.drafts.captures.privacy.replaced_tables import replaced_tables
from pytest_indexcache.drafts.captures.privacy.replacements import Replacements

from .capturing import captured

SECRETS = (
    "tok-in-a-url",
    "joe.url",
    "tok-in-netrc",
    "joe.netrc",
    "tok-in-env",
    "tok-in-comment",
    "tok-in-description",
    "tok-in-cookie",
    "cache-iad-host7",
    "tok-in-etag",
    "tok-in-cache-control",
    "tok-in-vary",
    "tok-in-reason",
    "tok-in-tool",
    "Joe Smith",
    "acme",
    "ACME",
    "secret-team",
    "127.0.0.1",
    "hidden-product",
    "other-private",
    "team-phoenix",
    "Team_Phoenix",
    "billing-eu",
)

PROJECT = """\
# the token is tok-in-comment
[project]
name = "acme-shop"
version = "1.0"
description = "tok-in-description"
authors = [{ name = "Joe Smith" }]
dependencies = ["ACME_core[billing-eu]", "hidden-product; sys_platform == 'plan9'"]  # tok-in
[project.optional-dependencies]
Team_Phoenix = ["acme.http"]
[dependency-groups]
nobody = ["other-private"]
team-phoenix = ["acme.http"]
[tool.other]
token = "tok-in-tool"
"""

PACKAGES: dict[str, Any] = {
    "acme-core": {
        "1.0": {
            "requires": ["acme.http"],
            "extras": {"billing-eu": ["acme.http"]},
        },
        "2.0": {"yanked": "tok-in-reason"},
    },
    "acme-http": {"3.0": {"extras": {"acme": ["six"]}, "files": [{}, {"kind": "sdist"}]}},
    "hidden-product": {"7.0": {}},
    "other-private": {"1.0": {}},
}
FIELDS = {
    "Set-Cookie": "sid=tok-in-cookie",
    "X-Served-By": "cache-iad-host7",
    "Via": "1.1 cache-iad-host7",
    "X-Token": "tok-in-cookie",
}
HEADERS = {
    "pages": {
        "etag": '"tok-in-etag"',
        "cache-control": 'max-age=60, private="tok-in-cache-control"',
        "vary": "Accept, tok-in-vary",
    }
}


@pytest.mark.parametrize("place", ["url", "netrc", "variable"])
def test_no_planted_secret_is_in_the_scenario(tmp_path: Path, place: str) -> None:
    """A capture contains no credentials, names, hosts, folders, cookies or comments of the user."""
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    environment = {"HOME": str(tmp_path)}
    logins = {
        "url": ("joe.url", "tok-in-a-url"),
        "netrc": ("joe.netrc", "tok-in-netrc"),
        "variable": ("joe.env", "tok-in-env"),
    }
    user, password = logins[place]
    if place == "netrc":
        netrc = tmp_path / ".netrc"
        netrc.write_text(f"machine 127.0.0.1 login {user} password {password}\n")
        netrc.chmod(0o600)
    elif place == "variable":
        environment |= {"UV_INDEX_MAIN_USERNAME": user, "UV_INDEX_MAIN_PASSWORD": password}
    table = {
        "url": "/secret-team/simple",
        "server": "none",
        "packages": PACKAGES,
        "pages": {"acme-core": {"title": "ACME.Core"}},
        "headers": HEADERS,
        "users": {user: password},
    }
    capture = captured(
        tmp_path,
        {"main": table},
        {"do": "sync", "extras": ["team_phoenix"], "groups": ["team-phoenix"]},
        fields=FIELDS,
        environment=environment,
        login=f"{user}:{password}" if place == "url" else "",
    )
    assert [secret for secret in SECRETS if secret in capture.text] == []
    assert "secret1" in capture.text
    assert capture.comparison is not None, capture.reason
    assert [each.text for each in capture.comparison.differences] == []
    assert capture.holds


@pytest.mark.parametrize(
    "keys",
    [
        {"signed-urls": "ORIGIN/secret-team/blobs/"},
        {
            "packages": {
                "acme-core": {
                    "1.0": {
                        "requires": ["acme-http"],
                        "url": "ORIGIN/secret-team/acme_core-1.0-py3-none-any.whl?S=tok-in-query",
                    }
                },
                "acme-http": {
                    "3.0": {"url": "ORIGIN/a/acme_http-3.0-py3-none-any.whl?tok-in-query"}
                },
            }
        },
    ],
    ids=["redirects", "links"],
)
def test_no_signature_of_a_url_is_in_the_scenario(tmp_path: Path, keys: dict[str, Any]) -> None:
    """Signed URLs in links and redirects still have a query, but their signatures are replaced."""
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "acme-shop"\nversion = "1"\ndependencies = ["acme-core"]\n'
    )
    table = {"url": "/secret-team/simple", "server": "none", "packages": PACKAGES, **keys}
    capture = captured(tmp_path, {"main": table}, {"do": "sync"})
    for secret in ("tok-in-query", "secret-team", "acme", "127.0.0.1"):
        assert secret not in capture.text
    assert capture.comparison is not None, capture.reason
    assert [each.text for each in capture.comparison.differences] == []
    assert capture.holds


def test_no_secret_of_a_lockfile_is_in_the_scenario(tmp_path: Path) -> None:
    """A captured lockfile keeps its structure without hosts, folders, names or comments."""
    digest = "0" * 64
    lines = (
        "# tok-in-comment of acme-corp",
        'name = "acme-core"',
        'source = { registry = "https://joe:tok-in-a-url@nexus.acme.corp/secret-team/simple" }',
        'url = "https://nexus.acme.corp/secret-team/acme_core-1.0-py3-none-any.whl?s=tok-in-query"',
        f'hash = "sha256:{digest}"',
        'acme_core = ">=1"',
    )
    replacements = Replacements()
    replacements.project("acme-core")
    text = "\n".join(lines)
    tables = {"title": "Captured: uv sync", "files": {"project/uv.lock": text}}
    (replaced,) = replaced_tables(tables, replacements)["files"].values()
    for secret in ("tok-in", "joe", "acme", "secret-team"):
        assert secret not in replaced
    assert digest in replaced
