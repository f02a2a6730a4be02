"""Mistakes in the answers of an index, each of which gives a clear error."""

from __future__ import annotations

from pathlib import Path

import pytest

from .good_scenario import changed, error_of


@pytest.mark.parametrize(
    ("new", "message"),
    [
        pytest.param(
            "unknown-status = 500",
            "unknown-status: expected 401, 403, 404, 410, 'empty-page' or 'login-page', "
            "found the number 500",
            id="a status that no unknown project has",
        ),
        pytest.param(
            'unknown-status = "login"',
            "unknown-status: 'login' is not one of empty-page and login-page "
            "(did you mean 'login-page'?)",
            id="a page that is not known",
        ),
        pytest.param(
            "head = 200",
            "head: expected a boolean, 400, 401, 403, 404, 405, 500, 501 or 503, "
            "found the number 200",
            id="a status that is no refusal of HEAD",
        ),
        pytest.param(
            "headers = { not-modifed = { etag = false } }",
            "headers.not-modifed: unknown key (did you mean 'not-modified'?)",
            id="fields of an unknown kind of answers",
        ),
        pytest.param(
            'headers = { redirects = { location = "https://pypi.org/" } }',
            "headers.redirects.location: location would redirect the client; give a redirect to "
            "the page or the file instead",
            id="a field of redirects that leads elsewhere",
        ),
        pytest.param(
            'headers = { not-modified = { content-type = "text/html" } }',
            "headers.not-modified: content-type: 'text/html' is the type of a page, not of a file",
            id="a 304 that makes a page of a file",
        ),
        pytest.param(
            'anonymous-redirect = "https://pypi.org/simple"',
            "anonymous-redirect: no request is redirected: without `users`, all requests are "
            "allowed (give it `users`)",
            id="a redirect for those without a user, of whom there are none",
        ),
    ],
)
def test_one_mistake_of_an_index(tmp_path: Path, new: str, message: str) -> None:
    """A mistake in the answers is reported in one line: place, key path, fault and remedy."""
    said = error_of(tmp_path, changed('headers = "pytorch"', new))
    assert said == f"s.toml:5: indexes.pytorch.{message}"
