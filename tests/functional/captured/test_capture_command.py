"""The command line of ``indexcache capture``, and its errors before the first request."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.cli import main


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no command is given"),
        (["--", "conda", "install", "six"], "'conda' is not an installer"),
        (["--", "uv", "sync", "--cache-dir", "x"], "cannot be in a scenario"),
        (["--index", "ftp://a.example/", "--", "uv", "sync"], "no index can be asked at"),
        (["--file", "../other", "--", "uv", "sync"], "is not in the project's folder"),
        (["--file", "none.toml", "--", "uv", "sync"], "cannot be read: No such file"),
        (["--", "uv", "sync", "--", "pip", "install", "six"], "commands use different installers"),
        (["--installer", "uv", "--output", "there.toml", "--", "uv", "sync"], "already exists"),
        (["--installer", "uv@/no/such", "--", "uv", "sync"], "uv@/no/such: there is no such file"),
        (["--project", "none", "--", "uv", "sync"], "there is no folder none"),
        (["--project", "there.toml", "--", "uv", "sync"], "there is no folder there.toml"),
        (["--project", "empty", "--", "uv", "sync"], "there is no pyproject.toml in empty"),
        (["--installer", "pip", "--", "uv", "sync"], "the command is one of uv, not of pip"),
        (["--index", "http://[::1/", "--", "uv", "sync"], "no index can be asked at"),
        (["--index", "http://a.example/?page=1", "--", "uv", "sync"], "no index can be asked at"),
    ],
)
def test_what_cannot_be_captured_is_refused(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A wrong command line gives an error with a remedy, and no file is written or changed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "a"\nversion = "1"\n')
    (tmp_path / "there.toml").write_text("before")
    (tmp_path / "empty").mkdir()
    before = sorted(path.name for path in tmp_path.iterdir())
    assert main(["capture", *arguments]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""
    assert (tmp_path / "there.toml").read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1:9/simple", ("127.0.0.1 did not answer", "check the port")),
        ("http://no-such-host.invalid/simple", ("no-such-host.invalid did not answer", "check")),
    ],
)
def test_index_that_does_not_answer_is_named(
    url: str, said: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If an index does not answer, the error names its host and a remedy; nothing is written."""
    output = tmp_path / "out.toml"
    command = ["--index", url, "--output", str(output), "--", "pip", "install", "acme"]
    assert main(["capture", "--project", str(tmp_path), *command]) == 2
    error = capsys.readouterr().err
    assert [part for part in said if part not in error] == []
    assert f"at {url}, with an empty cache first" in " ".join(error.split())
    assert "SSL_CERT_FILE" not in error
    assert not output.exists()
