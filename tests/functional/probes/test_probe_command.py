"""``indexcache probe`` on the command line, against an index behind the gateway."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_indexcache.cli import main
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.index.wire.gateway import serve
from pytest_indexcache.messages import Exchange
from pytest_indexcache.scenario.tables.indexes import Index

URL = "https://index.example/simple"
QUICK = ("--rate", "100")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Exchange]]:
    """Serve an index like devpi that requires a user, and record the requests to it."""
    table = {
        "url": URL,
        "server": "devpi",
        "users": {"me": "secret"},
        "packages": {
            "demo": {"1.0": {"requires-python": ">=3.8", "files": [{}, {"kind": "sdist"}]}}
        },
    }
    exchanges: list[Exchange] = []
    indexes = FakeIndexes({"main": Index.model_validate(table)})
    with serve(indexes, record=exchanges.append, clock=time.time) as gateway:
        monkeypatch.setenv("HTTPS_PROXY", gateway.proxy_url)
        monkeypatch.setenv("SSL_CERT_FILE", str(gateway.ca_file))
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        yield exchanges


SIGNED_IN = "https://me:secret@index.example/simple"


def test_profile_is_written_and_compared(
    asked: list[Exchange], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first probe writes a profile, the next compares with it; both hide the password."""
    file = tmp_path / "index.toml"
    assert main(["probe", SIGNED_IN, *QUICK, "--output", str(file), "--against", "devpi"]) == 0
    shown = capsys.readouterr().out
    assert "no differences from devpi" in shown
    assert "costs  pages.lifetime" in shown
    assert "uv==" in shown
    assert "nginx: in the location of the pages: expires 10m;" in shown
    first = file.read_text("utf-8")
    assert 'vary = "User-Agent, Accept"' in first
    file.write_text(first.replace("slash = 302", "slash = 301"), "utf-8")
    assert main(["probe", SIGNED_IN, "demo", *QUICK, "--output", str(file)]) == 1
    shown += capsys.readouterr().out
    assert "answers.slash: 301 -> 302" in shown
    assert file.read_text("utf-8") == first
    assert "secret" not in shown + first
    assert {exchange.method for exchange in asked} == {"GET", "HEAD"}


def test_findings_are_written_as_json(
    asked: list[Exchange], capsys: pytest.CaptureFixture[str]
) -> None:
    """With ``probe --json -``, the text for people goes to stderr."""
    assert main(["probe", SIGNED_IN, "Demo", *QUICK, "--json", "-"]) == 0
    written = capsys.readouterr()
    data = json.loads(written.out)
    assert data["project"] == "demo"
    verdicts = {each["subject"]: each["verdict"] for each in data["findings"]}
    assert verdicts["files.lifetime"] == "good"
    assert "good   files.lifetime" in written.err


def test_bound_on_requests_is_told(
    asked: list[Exchange], capsys: pytest.CaptureFixture[str]
) -> None:
    """A probe lists the subjects that the request limit left out, and judges the others."""
    assert main(["probe", SIGNED_IN, "demo", *QUICK, "--max-requests", "5"]) == 0
    assert "more requests were not sent" in capsys.readouterr().out
    assert len(asked) == 5


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["ftp://me:secret@index.example/simple"], "not an http or https URL"),
        (["https://me:secret@[index/simple"], "not an http or https URL"),
        (["https://index.example/simple?token=secret"], "ends in a query"),
        ([URL, "--rate", "0"], "--rate 0.0"),
        ([URL, "--rate", "nan"], "--rate nan"),
        ([URL, "--max-requests", "0"], "--max-requests must be at least 1"),
        ([URL, "--against", "no-such"], "neither a known server nor a file"),
        ([URL, "--output", "-", "--json", "-"], "to the same place"),
        ([URL, "--against", __file__], "is not a server profile"),
    ],
)
def test_wrong_command_line_asks_nothing(
    arguments: list[str],
    text: str,
    asked: list[Exchange],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With invalid arguments, ``probe`` exits with 2 before any request, and shows no password."""
    assert main(["probe", *arguments]) == 2
    error = capsys.readouterr().err
    assert text in error
    assert "secret" not in error
    assert asked == []


def test_project_that_is_not_there_is_an_error(
    asked: list[Exchange], capsys: pytest.CaptureFixture[str]
) -> None:
    """A probe exits with 1 if the project is missing or the index requires a user."""
    assert main(["probe", SIGNED_IN, "absent", *QUICK]) == 1
    assert "has no simple page of absent" in capsys.readouterr().err
    for project in ([], ["demo"]):
        assert main(["probe", URL, *project, *QUICK]) == 1
        error = capsys.readouterr().err
        assert "answers 401 for" in error
        assert "if the index needs a user" in error
