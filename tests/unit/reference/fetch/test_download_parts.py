"""Wheels that are read by range requests, and servers that send the whole wheel instead."""

from __future__ import annotations

import hashlib
from typing import Literal

import pytest

from pytest_indexcache.errors import InvalidDistributionError
from pytest_indexcache.reference.words.packages import IndexLocation, RemoteFile

from .runs import DATA, SHA256, Setup, remote

SIMPLE = IndexLocation("demo", "https://index.example/simple")


def test_a_wheel_is_opened_in_parts(setup: Setup) -> None:
    """Opening a wheel in parts requests only its end; fetching it downloads the whole wheel."""
    file = remote(sha256=SHA256, index=SIMPLE)
    with setup.run() as downloads:
        parts = downloads.open_parts(file)
        assert parts is not None
        assert parts.read() == DATA
        assert setup.index.wanted == [(file.filename, "bytes=-65536")]
        assert downloads.fetch(file).read_bytes() == DATA
        assert len(setup.index.asked) == 1
        assert downloads.open_parts(file) is None
    assert len(setup.index.wanted) == 1


@pytest.mark.parametrize("breaks", [0, 1])
def test_a_wheel_that_comes_whole_in_answer_to_a_range_is_kept(breaks: int, setup: Setup) -> None:
    """If a server ignores the range and sends the whole wheel, the wheel is stored."""
    setup.index.parts, setup.index.breaks = "whole", breaks
    file = remote(sha256=SHA256, index=SIMPLE)
    with setup.run() as downloads:
        assert downloads.open_parts(file) is None
        assert downloads.fetch(file).read_bytes() == DATA
    assert len(setup.index.wanted) == 1
    assert len(setup.index.asked) == breaks


def test_a_wheel_that_comes_whole_under_a_name_that_no_disk_takes_is_told(setup: Setup) -> None:
    """If a server sends a whole wheel whose name is too long for the disk, an error is raised."""
    setup.index.parts = "whole"
    file = remote(name="a" * 250, sha256=SHA256, index=SIMPLE)
    setup.index.bodies[file.url] = DATA
    with (
        setup.run() as downloads,
        pytest.raises(InvalidDistributionError, match="its name has 271 characters"),
    ):
        downloads.open_parts(file)


@pytest.mark.parametrize("parts", ["whole", "refused"])
def test_an_index_without_ranges_is_not_asked_for_another(
    parts: Literal["whole", "refused"], setup: Setup
) -> None:
    """After one refused range, an index gets no further range request in the same run."""
    setup.index.parts = parts
    elsewhere = IndexLocation("other", "https://other.example/simple")
    files = [
        remote(name=name, sha256=hashlib.sha256(name.encode()).hexdigest(), index=index)
        for name, index in (("demo", SIMPLE), ("more", SIMPLE), ("last", elsewhere))
    ]
    setup.index.bodies = {file.url: file.project.encode() for file in files}
    with setup.run() as downloads:
        assert [downloads.open_parts(file) for file in files] == [None] * 3
    assert [name[:4] for name, _ in setup.index.wanted] == ["demo", "last"]


def test_a_part_that_breaks_off_is_not_tried_again(setup: Setup) -> None:
    """If a range response breaks off, the whole wheel is downloaded instead."""
    setup.index.breaks = 1
    with setup.run() as downloads:
        assert downloads.open_parts(remote(sha256=SHA256, index=SIMPLE)) is None
    assert len(setup.index.wanted) == 1


@pytest.mark.parametrize(
    ("file", "offline"),
    [
        (remote(sha256=SHA256, index=SIMPLE), True),
        (remote(sha256=SHA256), False),
        (remote(index=SIMPLE), False),
        (remote(sha256=SHA256, index=SIMPLE, url="file:///demo-1.0-py3-none-any.whl"), False),
    ],
)
def test_what_has_to_come_whole_is_not_asked_for_in_parts(
    file: RemoteFile, offline: bool, setup: Setup
) -> None:
    """Range requests are not sent offline, for stored files, or for files without a hash."""
    setup.index.offline = offline
    with setup.run() as downloads:
        assert downloads.open_parts(file) is None
    assert setup.index.wanted == []


def test_a_wheel_of_an_earlier_run_is_not_asked_for_in_parts(setup: Setup) -> None:
    """A wheel that an earlier run stored is not read with range requests."""
    file = remote(sha256=SHA256, index=SIMPLE)
    setup.fetch(file)
    with setup.run() as downloads:
        assert downloads.open_parts(file) is None
    assert setup.index.wanted == []
