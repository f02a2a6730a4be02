"""The fixture ``wire_index``: fake indexes for clients other than httpx."""

from __future__ import annotations

from pathlib import Path

import pytest

TEST = """\
import os
import ssl
import subprocess
import sys
import urllib.request
from urllib.error import URLError

import pytest

PYPI = "https://pypi.org/simple"


def opener(wire_index):
    context = ssl.create_default_context(cafile=wire_index.ca_file)
    return urllib.request.build_opener(
        urllib.request.ProxyHandler({"https": wire_index.proxy_url}),
        urllib.request.HTTPSHandler(context=context),
    )


def test_client_in_the_process(wire_index, ledger):
    wire_index(PYPI, headers="pypi", packages={"six": {"1.17.0": {}}})
    with opener(wire_index).open(PYPI + "/six/") as page:
        assert page.headers["cache-control"] == "max-age=600, public"
        assert b"six-1.17.0-py3-none-any.whl" in page.read()
    with pytest.raises(URLError, match="403"):
        opener(wire_index).open("https://elsewhere.example/")
    assert [exchange.status for exchange in ledger] == [200, None]


def test_client_that_looks_at_the_environment(wire_index, ledger, monkeypatch):
    wire_index(PYPI, packages={"six": {"1.17.0": {}}})
    for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, wire_index.env[name])
    with urllib.request.urlopen(PYPI + "/six/") as page:
        assert b"six-1.17.0-py3-none-any.whl" in page.read()
    assert [exchange.subject.index for exchange in ledger] == ["index-1"]


def test_indexes_are_added_and_changed(wire_index):
    from pytest_indexcache.scenario.tables.changes import Publish

    pypi = wire_index(PYPI, name="pypi", packages={"six": {"1.17.0": {}}})
    pypi.apply(Publish(do="publish", index="pypi", project="six", version="1.18.0"))
    wire_index("https://download.pytorch.org/whl/cpu", packages={"torch": {"2.8.0+cpu": {}}})
    ask = opener(wire_index).open
    assert b"six-1.18.0" in ask(PYPI + "/six/").read()
    assert b"torch-2.8.0" in ask("https://download.pytorch.org/whl/cpu/torch/").read()


def pip(*arguments, env):
    command = [sys.executable, "-m", "pip", *arguments]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("is_whole", [True, False])
def test_pip_downloads(wire_index, ledger, tmp_path, monkeypatch, is_whole):
    monkeypatch.setenv("NO_PROXY", "*")
    wire_index(PYPI, packages={"six": {"1.17.0": {}}})
    env = wire_index.env if is_whole else {**os.environ, **wire_index.env}
    pip("download", "six", "--dest", str(tmp_path), env=env)
    assert os.listdir(tmp_path) == ["six-1.17.0-py3-none-any.whl"]
    assert [str(exchange.subject.kind) for exchange in ledger][0] == "page"
    assert {exchange.subject.index for exchange in ledger} == {"index-1"}


def test_pip_installs(wire_index, ledger, tmp_path):
    packages = {"torch": {"2.8.0": {"requires": ["filelock"]}}, "filelock": {"3.19.1": {}}}
    wire_index(PYPI, packages=packages)
    pip("install", "torch", "--target", str(tmp_path), env=wire_index.env)
    assert (tmp_path / "filelock-3.19.1.dist-info").is_dir()
    assert sum(exchange.is_download for exchange in ledger) == 2
"""

STRANGER = """\
[global]
index-url = https://elsewhere.example/simple
extra-index-url = https://elsewhere.example/simple
find-links = {folder}
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two workers"])
def test_wire_index_serves_urllib_and_pip(
    pytester: pytest.Pytester,
    workers: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Urllib and pip reach only the fake indexes, however pip is configured on the machine."""
    (tmp_path / "six-99.0-py3-none-any.whl").write_bytes(b"")
    settings = tmp_path / "pip.conf"
    settings.write_text(STRANGER.format(folder=tmp_path), encoding="utf-8")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://elsewhere.example/simple")
    pytester.makepyfile(TEST)
    pytester.runpytest(*workers).assert_outcomes(passed=6)
