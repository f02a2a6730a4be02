"""The goal of a step: what it asks an installer to put into a venv."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InstallGoal:
    """What a step asks for, as far as it can be known from the step alone.

    ``requirements`` are PEP 508 texts, or paths and URLs of what is to be installed; ``paths`` are
    relative to the project's folder, as are ``files``, which are requirements files. With
    ``project`` the dependencies of the project file are asked for, with its chosen ``extras`` and
    ``groups``; with ``frozen`` only those that the lockfile has. ``overrides`` replace what else is
    required of their projects.
    """

    requirements: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    project: bool = False
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    frozen: bool = False
    overrides: tuple[str, ...] = ()
