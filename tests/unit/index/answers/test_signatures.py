"""Signed URLs of files."""

from __future__ import annotations

from pytest_indexcache.index.answers.signatures import Signatures


def test_each_signature_is_another_and_all_are_known() -> None:
    """Each request for a file gives a new signature, and earlier signatures stay valid."""
    signatures = Signatures("pypi")
    given = [signatures.sign("six-1.0-py3-none-any.whl") for _ in range(3)]
    assert len(set(given)) == 3
    assert all(signatures.knows("six-1.0-py3-none-any.whl", one) for one in given)


def test_signature_is_for_one_file() -> None:
    """The signature of one file is not valid for another file."""
    signatures = Signatures("pypi")
    signature = signatures.sign("six-1.0-py3-none-any.whl")
    assert not signatures.knows("rich-1.0-py3-none-any.whl", signature)
    assert not signatures.knows("six-1.0-py3-none-any.whl", "forged")


def test_signatures_are_the_same_in_every_play() -> None:
    """The first signature of a file does not depend on the time or the machine."""
    assert Signatures("a").sign("x.whl") == Signatures("a").sign("x.whl")
    assert Signatures("a").sign("x.whl") != Signatures("b").sign("x.whl")
