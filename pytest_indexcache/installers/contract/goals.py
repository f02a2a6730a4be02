"""The goal of a step: the packages that it asks an installer to put into a venv."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InstallGoal:
    """The goal of a step, as far as it can be read from the step itself.

    ``requirements`` are PEP 508 strings, paths or URLs. ``paths``, and the requirements files in
    ``files``, are relative to the project's folder. With ``project``, the dependencies in the
    project file are part of the goal, with the chosen ``extras`` and ``groups``; with ``frozen``,
    only dependencies that are also in the lockfile count. ``overrides`` replace all other
    requirements on their projects.
    """

    requirements: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    project: bool = False
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    frozen: bool = False
    overrides: tuple[str, ...] = ()
