"""The commands of the reference installer, as a Python API.

Every method does one command, returns what it did as plain data, and raises the errors of
:mod:`pytest_indexcache.errors`. What a user would read goes to ``Settings.echo``.
"""

from __future__ import annotations

from pytest_indexcache.reference.commands.cache_commands import CacheCommands
from pytest_indexcache.reference.commands.project_commands import ProjectCommands
from pytest_indexcache.reference.commands.requirement_commands import RequirementCommands


class ReferenceInstaller(ProjectCommands, RequirementCommands, CacheCommands):
    """The installer: commands on projects, on venvs and on its cache, with one set of settings.

    ::

        installer = ReferenceInstaller(Settings(cache_dir=folder, clock=time.time, echo=print))
        changes = installer.sync(project_folder, extras=["cpu"])
    """
