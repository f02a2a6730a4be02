"""The description of the containment that a kernel can provide."""

from __future__ import annotations

import pytest

from pytest_indexcache.installers.containment.kernel import judge_support


@pytest.mark.parametrize(
    ("abi", "filters", "machine", "words"),
    [
        (7, True, "x86_64", "contained: landlock 7 + seccomp"),
        (4, True, "aarch64", "contained: landlock 4 + seccomp"),
        (
            3,
            True,
            "x86_64",
            "not contained: landlock 3 of this kernel has no rules for TCP ports; 4 has",
        ),
        (7, False, "x86_64", "not contained: kernel without seccomp filters"),
        (7, True, "riscv64", "not contained: the system calls of riscv64 are not known"),
    ],
)
def test_containment_is_reported_with_what_is_missing(
    abi: int, filters: bool, machine: str, words: str
) -> None:
    """Only a kernel that can restrict files, TCP ports and other sockets can contain a play."""
    containment = judge_support(abi, filters=filters, machine=machine)
    assert containment.words == words
    assert containment.can_contain == words.startswith("contained")
