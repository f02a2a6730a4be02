"""Errors of installers, extracted from the output of real releases."""

from __future__ import annotations

from textwrap import dedent

import pytest

from pytest_indexcache.run.causes.outcomes.error_texts import LONGEST, installer_error

from .error_outputs import PDM, PIP, POETRY, UV


def _check(installer: str, output: str, wanted: str) -> None:
    error = installer_error(installer, f"$ {installer} do\n{dedent(output)}")
    assert error is not None
    assert error.text == wanted


@pytest.mark.parametrize(("output", "wanted"), UV)
def test_error_of_uv(output: str, wanted: str) -> None:
    """An error of uv is extracted with its causes, without boxes, wraps, progress and hints."""
    _check("uv", output, wanted)


@pytest.mark.parametrize(("output", "wanted"), PIP)
def test_error_of_pip(output: str, wanted: str) -> None:
    """All errors of pip are extracted with their details, without advice and frames."""
    _check("pip", output, wanted)


@pytest.mark.parametrize(("output", "wanted"), POETRY)
def test_error_of_poetry(output: str, wanted: str) -> None:
    """An error of Poetry is extracted without progress, source code and advice."""
    _check("poetry", output, wanted)


@pytest.mark.parametrize(("output", "wanted"), PDM)
def test_error_of_pdm(output: str, wanted: str) -> None:
    """The error of pdm is that of the failed operation, or else the last one in the output."""
    _check("pdm", output, wanted)


def test_error_of_reference() -> None:
    """An error of the reference installer is one line, without its hint."""
    error = installer_error("reference", "error: nothing fits\n  hint: relax it\n")
    assert error is not None
    assert (error.text, error.hints) == ("nothing fits", ("relax it",))


def test_hints_are_apart() -> None:
    """A hint of uv is not part of the error, and its wrapped lines are joined."""
    output = "error: It failed\n\nhint: Try\n  another way.\nhelp: `foo` depends on `bar`\n"
    error = installer_error("uv", output)
    assert error is not None
    assert error.hints == ("Try another way.", "`foo` depends on `bar`")


def test_error_is_of_the_last_command() -> None:
    """If a step has several commands, only the error of the last command is extracted."""
    error = installer_error("uv", "$ uv lock\nerror: first\n$ uv sync\nerror: second\n")
    assert error is not None
    assert error.text == "second"


def test_output_without_an_error() -> None:
    """None is returned for an output without an error."""
    assert installer_error("uv", "$ uv sync\nResolved 2 packages in 2ms\n") is None


def test_long_error_keeps_its_ends() -> None:
    """A very long error keeps its beginning and its end."""
    error = installer_error("uv", f"error: begins {'x' * 2000} ends\n")
    assert error is not None
    assert len(error.text) <= LONGEST + 1
    assert error.text.startswith("begins")
    assert error.text.endswith("ends")


def test_refusal_of_uv_without_a_mark_is_its_error() -> None:
    """The message of uv 0.9 about an outdated lockfile is an error, even without ``error:``."""
    output = (
        "$ uv sync --locked\nResolved 3 packages in 38ms\nThe lockfile at `uv.lock` needs to be "
        "updated, but `--locked` was provided. To update the lockfile, run `uv lock`.\n"
    )
    error = installer_error("uv", output)
    assert error is not None
    assert error.text.startswith("The lockfile at `uv.lock` needs to be")


def test_hash_in_a_url_is_left_out_of_an_error() -> None:
    """A hash in a URL of pip 20.2 is removed from the error; hashes outside URLs are kept."""
    output = f"ERROR: x https://a/foo.whl#sha256={'0' * 64}:\n    Expected sha256 1\n"
    error = installer_error("pip", output)
    assert error is not None
    assert error.text == "x https://a/foo.whl: Expected sha256 1"
