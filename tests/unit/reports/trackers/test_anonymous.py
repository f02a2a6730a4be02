"""Private data that is removed from texts which leave the machine."""

from __future__ import annotations

import pytest

from pytest_indexcache.reports.trackers.anonymous import (
    MachineWords,
    anonymous,
    nameless,
    without_urls,
)

MACHINE = MachineWords(
    {"/home/ada": "…", "/home/ada/.cache/x": "…"}, frozenset({"ada", "adalovelace", "calc.example"})
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at /home/ada/.cache/x/uv/bin/uv", "at …/uv"),
        ("in `/tmp/indexcache-play-ytb28loz/project/.venv`", "in `…/.venv`"),
        ("Using /usr/bin/python3.11", "Using …/python3.11"),
        ("file:///srv/a/b.whl", "file://…/b.whl"),
        (r"C:\Users\ada\x.txt: gone", "…\\x.txt: gone"),
        ("GET https://pypi.org/simple/six/", "GET https://pypi.org/simple/six/"),
        ('"GET /simple/six/ HTTP/1.1" 200', '"GET /simple/six/ HTTP/1.1" 200'),
        ("and/or, 1/2", "and/or, 1/2"),
        ("adalovelace on calc.example", "NAME on NAME"),
        ("Ada is a language, ada too", "Ada is a language, ada too"),
        ("http://127.0.0.1:40113 in 5ms", "http://127.0.0.1:PORT in TIME"),
        ("2026-11-30T09:35:18.123Z took 1.2s", "TIME took TIME"),
        ("/tmp/indexcache-report-ab_12cd9, uv-58c86ff9eb327ed8.lock", "…/workspace, uv-HASH.lock"),
        ("max-age=600, 0.012s", "max-age=600, TIME"),
    ],
)
def test_text_says_nothing_of_the_machine(text: str, expected: str) -> None:
    """Paths are cut to their last part; users, hosts, ports and times are replaced."""
    assert anonymous(text, MACHINE) == expected


def test_url_of_a_mirror_is_taken_out() -> None:
    """The reason for a missing release does not contain the URL of the machine's mirror."""
    assert without_urls("no answer from https://mirror.example/simple/: 503") == (
        "no answer from URL 503"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cd /var/tmp/kk && ls /tmp /usr/local/bin", "cd /var/tmp/kk && ls /tmp /usr/local/bin"),
        ("in /home/ada/wheels", "in …/wheels"),
        ("gcc -I/home/ada/x", "gcc -I…/x"),
        ("of adalovelace at calc.example", "of NAME at NAME"),
    ],
)
def test_folders_that_many_machines_have_remain_in_a_scenario(text: str, expected: str) -> None:
    """Only private folders and names are replaced in a file that must stay playable."""
    machine = MachineWords(
        {**MACHINE.folders, "/tmp": "…", "/usr/local": "…"},
        MACHINE.names,
    )
    assert nameless(text, machine) == expected
