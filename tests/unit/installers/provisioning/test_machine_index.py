"""The index that pip and uv of this machine are configured to use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_indexcache.installers.provisioning import machine_index as module
from pytest_indexcache.installers.provisioning.machine_index import (
    DEFAULT_URL,
    MachineIndex,
    machine_index,
    read_pip_settings,
)


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Simulate a machine without configuration; yield the folder for its configuration."""
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_CONFIG_FILE", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(module, "_pip_settings", dict)
    machine_index.cache_clear()
    yield tmp_path
    machine_index.cache_clear()


def _configure_uv(folder: Path, text: str) -> None:
    (folder / "uv").mkdir()
    (folder / "uv" / "uv.toml").write_text(text, encoding="utf-8")


def test_pypi_is_the_index_where_nothing_is_configured() -> None:
    """PyPI is the machine's index if neither pip nor uv is configured."""
    assert machine_index().url == DEFAULT_URL
    assert not machine_index().is_pips


def test_pips_index_is_used_and_handed_to_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    """The index configured for pip is passed to uv, which does not read pip's settings."""
    settings = {"index-url": "https://mirror.example/simple", "cert": "/etc/ca.pem"}
    monkeypatch.setattr(module, "_pip_settings", lambda: settings)
    index = machine_index()
    assert index == MachineIndex("https://mirror.example/simple", Path("/etc/ca.pem"), True)
    assert index.environment()["UV_INDEX_URL"] == "https://mirror.example/simple"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("UV_DEFAULT_INDEX", "https://uvs.example/simple"),
        ("UV_DEFAULT_INDEX", "internal=https://uvs.example/simple"),
        ("UV_INDEX_URL", "https://uvs.example/simple"),
    ],
)
def test_uvs_environment_goes_before_pips_configuration(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """The index in uv's environment variables takes precedence over pip's configuration."""
    monkeypatch.setattr(module, "_pip_settings", lambda: {"index-url": "https://pips.example/"})
    monkeypatch.setenv(variable, value)
    index = machine_index()
    assert (index.url, index.is_pips) == ("https://uvs.example/simple", False)
    assert index.environment()[variable] == value


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ('index-url = "https://old.example/simple"', "https://old.example/simple"),
        (
            '[[index]]\nurl = "https://other.example/"\n'
            '[[index]]\nurl = "https://new.example/"\ndefault = true',
            "https://new.example/",
        ),
        ('[[index]]\nurl = "https://other.example/"', DEFAULT_URL),
        ("index-url = 3", DEFAULT_URL),
        ("index = 3", DEFAULT_URL),
        ("this is no TOML", DEFAULT_URL),
    ],
)
def test_the_users_uv_toml_is_read(machine: Path, text: str, url: str) -> None:
    """The default index of the user's uv.toml is used, and an unreadable file is ignored."""
    _configure_uv(machine, text)
    assert machine_index().url == url


def test_settings_of_pip_are_read_by_section() -> None:
    """Settings of pip come from the environment, then section ``install``, then ``global``."""
    settings = read_pip_settings(
        "global.index-url='https://global.example/simple'\n"
        "install.index-url='https://install.example/simple'\n"
        'global.cert="/it\'s/ca.pem"\n'
        "global.extra-index-url='\\nhttps://one.example\\nhttps://two.example'\n"
        ":env:.timeout='60'\n"
        "download.index-url='https://download.example/simple'\n"
        "WARNING: something else\n"
    )
    assert settings["index-url"] == "https://install.example/simple"
    assert settings["cert"] == "/it's/ca.pem"
    assert settings["extra-index-url"].split() == ["https://one.example", "https://two.example"]
    assert settings["timeout"] == "60"
    assert read_pip_settings("global.index-url='a'\n:env:.index-url='b'")["index-url"] == "b"


def test_what_says_where_to_install_is_not_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables about reaching an index are inherited; variables that set a target are not."""
    reach = {
        "UV_INDEX_INTERNAL_PASSWORD": "secret",
        "UV_NATIVE_TLS": "1",
        "PIP_TRUSTED_HOST": "mirror.example",
        "HTTPS_PROXY": "http://proxy.example:3128",
        "NETRC": "/home/someone/netrc",
    }
    lead = {
        "UV_PYTHON": "3.9",
        "UV_TARGET": "/elsewhere",
        "UV_EXCLUDE_NEWER": "2020-01-01",
        "UV_CONSTRAINT": "constraints.txt",
        "PIP_TARGET": "/elsewhere",
        "PIP_USER": "1",
        "PIP_REQUIRE_VIRTUALENV": "1",
        "VIRTUAL_ENV": "/elsewhere",
        "CONDA_PREFIX": "/elsewhere",
        "PYTHONPATH": "/elsewhere",
    }
    for name, value in {**reach, **lead}.items():
        monkeypatch.setenv(name, value)
    environment = MachineIndex().environment()
    assert {name: environment.get(name) for name in reach} == reach
    assert not lead.keys() & environment.keys()
