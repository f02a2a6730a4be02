"""Sessions: the tests on each Python, the linters, the benchmarks."""

from __future__ import annotations

import os
import time

import nox

nox.options.sessions = ["lint", "tests"]
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests against the built wheel."""
    session.install(".[test]")
    session.run("pytest", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and types."""
    session.install("-e", ".[test,lint]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """Make the documentation a site, in build/docs."""
    session.install("-e", ".[docs]")
    session.run("sphinx-build", "-W", "-c", "docs", ".", "build/docs", *session.posargs)


@nox.session
def capabilities(session: nox.Session) -> None:
    """Try each row of the tables of capabilities with the releases at its boundary."""
    session.install("-e", ".[test]")
    session.run("pytest", "-n", "auto", "-m", "capabilities", "tests/e2e", *session.posargs)


@nox.session
def servers(session: nox.Session) -> None:
    """Hold the fake servers against the real ones; that of bandersnatch needs nginx."""
    session.install("-e", ".[test]")
    session.run("pytest", "-m", "servers or not servers", "tests/e2e/servers", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Check 100,000 random command lines and 10,000 files; INDEXCACHE_FUZZ_SEED repeats a run."""
    session.install("-e", ".[test]")
    seed = os.environ.get("INDEXCACHE_FUZZ_SEED") or str(time.time_ns() % 10**6)
    session.log(f"INDEXCACHE_FUZZ_SEED={seed}")
    numbers = {"INDEXCACHE_FUZZ_LINES": "100000", "INDEXCACHE_FUZZ_FILES": "10000"}
    numbers["INDEXCACHE_FUZZ_SEED"] = seed
    session.run("pytest", "-n", "auto", "tests/security/fuzz", *session.posargs, env=numbers)


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Measure speed as ratios; see benchmarks/README.md."""
    session.install("-e", ".[test]", "pypiserver")
    for name in (
        "fake_index",
        "reference",
        "catalogue",
        "plugin",
        "plays",
        "containment",
        "matrix",
    ):
        session.run("python", "-m", f"benchmarks.{name}", *session.posargs)
