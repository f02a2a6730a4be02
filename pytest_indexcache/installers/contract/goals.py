"""The goal of a step: the packages that it asks an installer to put into a venv."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InstallGoal:
    """The goal of a step, as far as it can be determined from the step alone.

    ``requirements`` are PEP 508 strings, or paths and URLs; ``paths`` are relative to the project's
    folder, as are ``files``, which are requirements files. With ``project``, the dependencies of
    the project file are part of the goal, with the chosen ``extras`` and ``groups``; with
    ``frozen``, only those in the lockfile. ``overrides`` replace all other requirements on their
    projects.
    """

    requirements: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    project: bool = False
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    frozen: bool = False
    overrides: tuple[str, ...] = ()
