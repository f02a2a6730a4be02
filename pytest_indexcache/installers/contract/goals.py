"""The goal of a step: the packages that the installer is to install into a venv."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InstallGoal:
    """The packages that a step requests, as far as this can be determined from the step alone.

    ``requirements`` are PEP 508 strings, paths or URLs. ``paths``, and the requirements files in
    ``files``, are relative to the project's folder. If ``project`` is true, the goal includes the
    dependencies in the project file, with the chosen ``extras`` and ``groups``. If ``frozen`` is
    also true, only the dependencies that are in the lockfile are included. Each of the
    ``overrides`` replaces all other requirements for the same project.
    """

    requirements: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    project: bool = False
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    frozen: bool = False
    overrides: tuple[str, ...] = ()
