"""Parsing the output of ``--version``."""

from __future__ import annotations

import pytest

from pytest_indexcache.installers.provisioning.start_check import read_version, tail


@pytest.mark.parametrize(
    ("output", "version"),
    [
        ("uv 0.8.11 (f892276ac 2025-08-14)\n", "0.8.11"),
        ("uv 0.13.8 (x86_64-unknown-linux-gnu)\n", "0.13.8"),
        ("pip 23.2.1 from /usr/lib/python3.11/site-packages/pip (python 3.11)\n", "23.2.1"),
        ("pip 25.0b1 from C:\\Python\\pip (python 3.13)\n", "25.0b1"),
        ("Poetry (version 1.8.3)\n", "1.8.3"),
        ("Poetry version 1.0.0\n", "1.0.0"),
        ("PDM, version 2.10.0\n", "2.10.0"),
        ("PDM, version 2.25.9.dev3+gabc\n", "2.25.9.dev3+gabc"),
        ("warning: something happened.\nuv 0.9.4.\n", "0.9.4"),
        ("", None),
        ("usage: cat [FILE]", None),
        ("version unknown, 3 files", None),
    ],
)
def test_the_first_version_in_the_output_is_the_installers(
    output: str, version: str | None
) -> None:
    """The first version in the output of ``--version`` is the version of the installer."""
    assert read_version(output) == version


def test_only_the_end_of_an_output_is_quoted() -> None:
    """Only the last lines of an output are quoted, because a traceback ends with its message."""
    quoted = tail("\n".join(map(str, range(100))) + "\n\n").splitlines()
    assert quoted[0] == "  | 88"
    assert quoted[-1] == "  | 99"
    assert tail("") == ""
