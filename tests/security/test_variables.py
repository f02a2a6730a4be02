"""Environment variables of a step: forbidden and permitted ones."""

from __future__ import annotations

import re

import pytest

from pytest_indexcache.messages import HostPort
from pytest_indexcache.scenario.commands import check_variable, owner_of
from pytest_indexcache.scenario.commands.grammar import INSTALLERS, grammar_of
from pytest_indexcache.scenario.values.kinds import KINDS
from pytest_indexcache.scenario.values.reach import Reach

REACH = Reach(frozenset({HostPort("a.example", 443)}))

REFUSED = [
    ("PATH", "x", "not an installer's own: those begin with UV_, PIP_, POETRY_ or PDM_"),
    ("PYTHONSTARTUP", "x.txt", "not an installer's own"),
    ("LD_PRELOAD", "x", "not an installer's own"),
    ("HTTPS_PROXY", "http://127.0.0.1:1", "not an installer's own"),
    ("GIT_SSH_COMMAND", "x", "not an installer's own"),
    (
        "UV_ENV_FILE",
        "x.txt",
        "is not allowed: it can set variables that make Python start programs",
    ),
    ("UV_CONFIG_FILE", "x.toml", "is not allowed: write the settings into uv.toml"),
    ("UV_CACHE_DIR", "x", "is not allowed: the play sets the folder of the cache"),
    ("UV_PYTHON", "3.12", "is not allowed: set python in the step"),
    ("UV_SYSTEM_PYTHON", "1", "is not allowed: it leads out"),
    ("UV_TOOL_DIR", "x", "is not allowed"),
    ("UV_INTERNAL__BUILD_DIR", "x", "not a variable of uv that a scenario may set"),
    ("UV_DEFAULT_INDX", "x", "did you mean 'UV_DEFAULT_INDEX'?"),
    ("UV_DEFAULT_INDEX", "https://b.example/simple", "no index of the scenario is at 'b.example'"),
    ("UV_DEFAULT_INDEX", "file:///abs", "is not the URL of an index"),
    ("UV_DEFAULT_INDEX", "/abs", "is not the URL of an index"),
    ("UV_INDEX", "https://a.example/x x=https://b.example", "no index of the scenario is at 'b.ex"),
    ("UV_INDEX", "https://a.example/x\nhttps://a.example/y", "is not a list of values"),
    ("UV_INDEX", "  ", "is not a list of values"),
    ("UV_FIND_LINKS", "wheels,/abs", "is not a path within the workspace"),
    ("UV_FIND_LINKS", "wheels ../../x", "'../../x' is not a path within the workspace"),
    ("UV_CONSTRAINT", "c.txt /etc/passwd", "'/etc/passwd' is not a .txt or .in file"),
    ("UV_OFFLINE", "perhaps", "'perhaps' is not true, false, 1, 0"),
    ("UV_PYTHON_DOWNLOADS", "automatic", "'automatic' is not false or never"),
    ("POETRY_KEYRING_ENABLED", "true", "'true' is not false or never"),
    ("UV_KEYRING_PROVIDER", "subprocess", "a scenario cannot start a keyring"),
    ("UV_INDEX_X_PASSWORD", "a\nb", "has a line break"),
    ("POETRY_VIRTUALENVS_CREATE", "false", "installs into a Python of the machine"),
    ("UV_PREVIEW_FEATURES", "native-auth", "not native-auth"),
    ("UV_INDEX_x/_PASSWORD", "a", "not a variable of uv"),
    ("PIP_TARGET", "x", "is not allowed: it does not install"),
    ("PIP_LOG", "x", "is not allowed: it can write to any file"),
    ("PIP_PROXY", "http://127.0.0.1:1", "is not allowed"),
    ("PIP_CONFIG_FILE", "x", "is not allowed"),
    ("PIP_CERT", "x", "is not allowed"),
    ("PIP_EDITOR", "vim", "not a variable of pip"),
    ("PIP_EXTRA_INDEX_URL", "https://a.example/x https://b.example", "is at 'b.example'"),
    ("PIP_REQUIREMENT", "/etc/passwd", "is not a .txt or .in file"),
    ("PIP_NO_BINARY", "-x", "begins with a dash"),
    ("POETRY_VIRTUALENVS_PATH", "x", "is not allowed"),
    ("POETRY_REPOSITORIES_X_URL", "https://b.example", "is at 'b.example'"),
    ("POETRY_REPOSITORIES_X_URL", "git+https://a.example", "names a repository"),
    ("PDM_LOG_DIR", "x", "is not allowed"),
    ("PDM_USE_UV", "1", "is not allowed: PDM would start a uv of the machine"),
    ("PDM_VENV_BACKEND", "conda", "is not allowed: it starts a program"),
    ("PDM_PYPI_URL", "https://b.example", "is at 'b.example'"),
    ("PDM_PYPI_URL", "https://${HOME}@a.example/", "has a variable: write the URL"),
    ("PDM_LOCKFILE", "x.md", "is not a .lock file"),
    ("PDM_PROJECT", "..", "not a variable of pdm"),
]

ACCEPTED = [
    ("RUST_LOG", "uv=debug,uv_client=trace"),
    ("UV_SKIP_WHEEL_FILENAME_CHECK", "1"),
    ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
    ("PIP_REPORT", "../report.json"),
    ("POETRY_VIRTUALENVS_IN_PROJECT", "true"),
    ("POETRY_PYPI_TOKEN_PRIVATE", "abc"),
    ("PDM_CHECK_UPDATE", "false"),
    ("UV_DEFAULT_INDEX", "https://u:p@a.example/simple"),
    ("UV_INDEX", "https://a.example/simple x=https://a.example/y"),
    ("UV_FIND_LINKS", "../wheels https://a.example/links.html"),
    ("UV_CONSTRAINT", "c.txt ../d.txt"),
    ("UV_OFFLINE", "1"),
    ("UV_EXCLUDE_NEWER", "2024-01-01T00:00:00Z"),
    ("UV_HTTP_TIMEOUT", "5"),
    ("UV_INDEX_MY_INDEX_USERNAME", "me"),
    ("UV_INDEX_MY_INDEX_PASSWORD", "a secret: /x"),
    ("UV_INDEX_STRATEGY", "unsafe-best-match"),
    ("PIP_INDEX_URL", "https://a.example/simple"),
    ("PIP_NO_CACHE_DIR", "off"),
    ("PIP_NO_BINARY", ":all:"),
    ("PIP_ONLY_BINARY", "six,idna"),
    ("PIP_CONSTRAINT", "c.txt"),
    ("POETRY_INSTALLER_NO_BINARY", "six"),
    ("POETRY_HTTP_BASIC_INTERNAL_PASSWORD", "secret"),
    ("PDM_PYPI_URL", "https://a.example/simple"),
    ("PDM_NO_BINARY", ":all:"),
]


@pytest.mark.parametrize(("name", "value", "reason"), REFUSED)
def test_variable_is_refused_with_its_reason(name: str, value: str, reason: str) -> None:
    """A variable that belongs to another program, or whose value leads out, is refused."""
    with pytest.raises(ValueError, match=re.escape(reason)):
        check_variable(name, value, REACH)


@pytest.mark.parametrize(("name", "value"), ACCEPTED)
def test_variable_of_reports_is_accepted(name: str, value: str) -> None:
    """A variable with a value from a real report passes the check."""
    check_variable(name, value, REACH)


@pytest.mark.parametrize("installer", INSTALLERS)
def test_variables_are_an_installers_own(installer: str) -> None:
    """Each variable of a table belongs to its installer and has a known kind."""
    for name, kind in grammar_of(installer).variables.items():
        assert owner_of(name) == installer
        assert kind.strip("[]") in KINDS
