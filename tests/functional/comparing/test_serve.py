"""``indexcache serve`` on the command line, with requests by other programs."""

from __future__ import annotations

import os
import pty
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from .conftest import Machine

SCENARIO = """\
title = "Served \\u001b[31m"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
six."1.17.0" = {}
[[steps]]
do = "install"
requirements = ["six"]
expect = { downloads = { six = 1 } }
[[steps]]
do = "publish"
index = "pypi"
project = "six"
version = "1.18.0"
[[steps]]
do = "install"
requirements = ["six"]
upgrade = true
expect = { downloads = { six = 1 } }
"""
Served = tuple["subprocess.Popen[str]", dict[str, str]]


@contextmanager
def serving(machine: Machine, *options: str) -> Iterator[Served]:
    """Serve the scenario; return the process and the environment variables that it printed."""
    (machine.folder / "a.toml").write_text(SCENARIO)
    with machine.start("serve", "a.toml", *options) as process:
        assert process.stdout is not None
        variables: dict[str, str] = {}
        while "PDM_CACHE_DIR" not in variables:
            line = process.stdout.readline()
            assert line, process.stderr and process.stderr.read()
            assert "\x1b" not in line
            words = shlex.split(line, comments=True)
            variables |= dict(word.split("=", 1) for word in words[1:])
        try:
            yield process, variables
        finally:
            process.kill()


def client(variables: dict[str, str]) -> httpx.Client:
    """Return a client that uses only the proxy and certificate of these variables."""
    import ssl

    context = ssl.create_default_context(cafile=variables["SSL_CERT_FILE"])
    return httpx.Client(proxy=variables["HTTPS_PROXY"], verify=context, trust_env=False)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_indexes_are_at_their_urls_until_they_are_ended(
    machine: Machine, ending: signal.Signals
) -> None:
    """``serve`` serves the pages, prints each request, and removes its files at the end."""
    with serving(machine) as (process, variables):
        with client(variables) as asking:
            page = asking.get("https://pypi.org/simple/six/")
            assert "six-1.17.0-py3-none-any.whl" in page.text
            assert "1.18.0" not in page.text
            with pytest.raises(httpx.ProxyError, match="403"):
                asking.get("https://example.org/")
        process.send_signal(ending)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "GET 200 page https://pypi.org/simple/six/" in said
    assert said.endswith(("1 request\n", "2 requests\n"))
    assert not Path(variables["SSL_CERT_FILE"]).exists()
    assert not Path(variables["UV_CACHE_DIR"]).parent.exists()


def test_indexes_are_as_a_step_finds_them(machine: Machine) -> None:
    """``serve --step`` applies the changes that precede the step."""
    with serving(machine, "--step", "3") as (_, variables), client(variables) as asking:
        assert "six-1.18.0" in asking.get("https://pypi.org/simple/six/").text


def test_pip_installs_what_is_served(machine: Machine, tmp_path: Path) -> None:
    """With the printed variables, pip gets the fake file from its real URL and stores it."""
    with serving(machine) as (_, variables):
        command = [sys.executable, "-m", "pip", "download", "six", "--dest", str(tmp_path / "to")]
        environment = {**variables, "PATH": os.defpath, "PIP_CONFIG_FILE": os.devnull}
        subprocess.run(command, env=environment, check=True, capture_output=True)
        assert [path.name for path in (tmp_path / "to").iterdir()] == [
            "six-1.17.0-py3-none-any.whl"
        ]
        assert Path(variables["PIP_CACHE_DIR"]).is_dir()


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_enter_makes_the_next_change(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, unbuffered: str
) -> None:
    """In a terminal, Enter applies the change of the next step, also with PYTHONUNBUFFERED."""
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    (machine.folder / "a.toml").write_text(SCENARIO)
    ours, its = pty.openpty()
    command = [sys.executable, "-m", "pytest_indexcache", "serve", "a.toml"]
    with subprocess.Popen(
        command, stdin=its, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            variables: dict[str, str] = {}
            while "PDM_CACHE_DIR" not in variables:
                words = shlex.split(process.stdout.readline(), comments=True)
                variables |= dict(word.split("=", 1) for word in words[1:])
            assert process.stderr.readline() == "Enter will publish six 1.18.0 on index pypi\n"
            with client(variables) as asking:
                assert "1.18.0" not in asking.get("https://pypi.org/simple/six/").text
                os.write(ours, b"\n")
                for _ in range(1000):
                    if "1.18.0" in asking.get("https://pypi.org/simple/six/").text:
                        break
                else:
                    pytest.fail("the change was not made")
        finally:
            process.kill()
            os.close(ours)
            os.close(its)


@pytest.mark.parametrize("step", ["0", "4"])
def test_step_that_is_not_there_is_refused(machine: Machine, step: str) -> None:
    """If the step of ``--step`` does not exist, ``serve`` serves nothing."""
    (machine.folder / "a.toml").write_text(SCENARIO)
    ended = machine.run("serve", "a.toml", "--step", step)
    assert (ended.code, ended.out) == (2, "")
    assert f"there is no step {step}" in ended.err
