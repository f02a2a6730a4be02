"""Downloads with the bugs that variants simulate."""

from __future__ import annotations

from dataclasses import replace

from pytest_indexcache.reference.words.variants import VARIANTS

from .runs import DATA, SHA256, Setup, remote


def test_the_variant_that_ignores_hashes_takes_anything(setup: Setup) -> None:
    """The variant that ignores hashes stores a file with a wrong hash."""
    assert setup.fetch(remote(sha256="0" * 64), VARIANTS["ignore-hash"]) == DATA


def test_the_variant_that_trusts_urls_does_not_look_at_a_new_hash(setup: Setup) -> None:
    """The variant that trusts URLs reuses a stored file even if the hash in the link changed."""
    assert setup.fetch(remote(sha256=SHA256)) == DATA
    assert setup.fetch(remote(sha256="0" * 64), VARIANTS["trust-urls"]) == DATA
    assert len(setup.index.asked) == 1


def test_the_variant_that_prefers_what_is_stored_takes_any_wheel_of_the_release(
    setup: Setup,
) -> None:
    """The variant that prefers stored files uses any stored wheel of the release."""
    assert setup.fetch(remote(sha256=SHA256)) == DATA
    other = replace(remote(sha256="0" * 64), filename="demo-1.0-py2-none-any.whl")
    assert setup.fetch(other, VARIANTS["prefer-stored"]) == DATA
    assert len(setup.index.asked) == 1


def test_the_variant_that_restarts_downloads_asks_for_the_whole(setup: Setup) -> None:
    """The variant that restarts downloads sends no range request."""
    setup.index.breaks = 1
    assert setup.fetch(remote(sha256=SHA256), VARIANTS["restart-downloads"]) == DATA
    assert (len(setup.index.asked), setup.index.wanted) == (2, [])
