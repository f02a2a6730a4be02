"""Translate the verbs of a scenario into uv command lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pytest_indexcache.installers.commands.command_lines import (
    CommandLine,
    import_program,
    lines,
    named,
)
from pytest_indexcache.installers.commands.dialect import Dialect
from pytest_indexcache.installers.commands.indexes.index_options import (
    find_links_options,
    index_options,
)
from pytest_indexcache.installers.commands.indexes.project_indexes import written_url
from pytest_indexcache.installers.uv.project import exclude_newer
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.steps import (
    Add,
    ClearCache,
    Compile,
    Install,
    InstallerStep,
    Lock,
    NetworkStep,
    PruneCache,
    Remove,
    Run,
    Sync,
    SyncRequirements,
    Uninstall,
)

_OLD_STRATEGIES: Final[Mapping[str, str]] = {
    "first-index": "first-match",
    "unsafe-first-match": "unsafe-any-match",
}
"""Maps index strategies to the names that they had before uv 0.1.39."""


class UvCommands:
    """Translates steps into commands for one release of uv."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def translate(self, step: InstallerStep, scenario: Scenario) -> tuple[CommandLine, ...]:
        """Return the commands for a step.

        :raises CapabilityError: if the release does not support the verb or an option
        """
        translator = _TRANSLATORS.get(type(step))
        if translator is None:
            raise self._dialect.lacking_verb(step)
        return (translator(self, step, scenario),)

    def _check(self, verb: str, option: str) -> None:
        """Raise CapabilityError if the release lacks an option of a uv subcommand.

        An option that is not in the table of capabilities exists in all releases.
        """
        name = f"{verb} {option}"
        if name in self._dialect.capabilities:
            self._dialect.demand(name)

    def _option(self, verb: str, option: str, *values: str) -> tuple[str, ...]:
        self._check(verb, option)
        return named(option, values) if values else (option,)

    def _strategy(self, verb: str, strategy: str) -> tuple[str, ...]:
        option = self._option(verb, "--index-strategy", strategy)
        if self._dialect.has("0.1.39"):
            return option
        if strategy not in _OLD_STRATEGIES:
            self._dialect.demand(f"--index-strategy {strategy}")
        return ("--index-strategy", _OLD_STRATEGIES.get(strategy, strategy))

    def _common(self, verb: str, step: NetworkStep) -> tuple[str, ...]:
        """Return the options shared by all verbs that use an index."""
        parts: list[str] = []
        for option, value in (
            ("--offline", step.offline),
            ("--no-cache", step.no_cache),
            ("--no-sources", step.no_sources),
            ("--no-deps", step.no_deps),
        ):
            parts += self._option(verb, option) if value else ()
        for option, choice in (
            ("--refresh", step.refresh),
            ("--upgrade", step.upgrade),
            ("--reinstall", step.reinstall),
        ):
            if choice:
                self._check(verb, option)
                parts += _by_package(option, choice)
        parts += self._formats(verb, "--no-binary", step.no_binary)
        parts += self._formats(verb, "--no-build", step.no_build)
        if step.index_strategy:
            parts += self._strategy(verb, step.index_strategy)
        if step.exclude_newer is not None:
            moment = exclude_newer(step.exclude_newer, self._dialect)
            parts += self._option(verb, "--exclude-newer", moment)
        if step.prereleases:
            parts += self._option(verb, "--prerelease", "allow")
        if step.resolution:
            parts += self._option(verb, "--resolution", step.resolution)
        if step.python_platform:
            parts += self._option(verb, "--python-platform", step.python_platform)
        return tuple(parts)

    def _formats(self, verb: str, option: str, choice: bool | tuple[str, ...]) -> tuple[str, ...]:
        if not verb.startswith("pip"):
            return _by_package(option, choice)
        option = "--only-binary" if option == "--no-build" else option
        projects = (":all:",) if choice is True else choice or ()
        return self._option(verb, option, *projects) if projects else ()

    def _project(self, verb: str, step: NetworkStep, *more: str) -> tuple[str, ...]:
        self._dialect.demand(verb)
        if verb not in ("lock", "sync"):
            self._dialect.demand("projects that are not built")
        return (verb, *more, *self._common(verb, step))

    def _lock(self, step: Lock, scenario: Scenario) -> CommandLine:  # noqa: ARG002
        # From 0.5.8 on, this option is called --check, but the old name still works.
        check = ("--locked",) if step.locked else ()
        return CommandLine(self._project("lock", step, *check))

    def _sync(self, step: Sync, scenario: Scenario) -> CommandLine:  # noqa: ARG002
        return CommandLine(self._project("sync", step, *self._chosen("sync", step)))

    def _run(self, step: Run, scenario: Scenario) -> CommandLine:  # noqa: ARG002
        arguments = self._project("run", step, *self._chosen("run", step))
        return CommandLine((*arguments, "python", "-c", import_program(step)))

    def _chosen(self, verb: str, step: Sync) -> tuple[str, ...]:
        parts = [*named("--extra", step.extras)]
        if step.groups:
            parts += self._option(verb, "--group", *step.groups)
        parts += ["--frozen"] if step.frozen else []
        parts += ["--locked"] if step.locked else []
        # uv run removes packages only with an option.
        parts += ["--inexact"] if step.inexact and verb == "sync" else []
        # Later releases do not install a project without a build system.
        if verb == "sync" and not self._dialect.has("0.4.0"):
            parts += self._option(verb, "--no-install-project")
        return tuple(parts)

    def _add(self, step: Add, scenario: Scenario) -> CommandLine:
        path = step.editable or step.path
        parts = [f"../{path}"] if path else list(step.requirements)
        if step.index:
            url = written_url(scenario, step.index)
            parts += self._option("add", "--index", f"{step.index}={url}")
        parts += ["--optional", step.optional] if step.optional else []
        parts += self._option("add", "--group", step.group) if step.group else ()
        parts += ["--editable"] if step.editable else []
        return CommandLine(self._project("add", step, *parts))

    def _remove(self, step: Remove, scenario: Scenario) -> CommandLine:  # noqa: ARG002
        parts = [*step.projects]
        parts += ["--optional", step.optional] if step.optional else []
        parts += self._option("remove", "--group", step.group) if step.group else ()
        return CommandLine(self._project("remove", step, *parts))

    def _install(self, step: Install, scenario: Scenario) -> CommandLine:
        verb, files = "pip install", {}
        parts = ["pip", "install", *step.requirements]
        parts += named("--editable", tuple(f"../{path}" for path in step.editable))
        if step.paths:
            self._dialect.demand("pip install PATH")
        parts += [f"../{path}" for path in step.paths]
        for option, texts in (("override", step.overrides), ("constraint", step.constraints)):
            if texts:
                files[f"{option}s.txt"] = lines(texts)
                parts += [f"--{option}", f"{option}s.txt"]
        if any(file.endswith(".toml") for file in step.requirements_files):
            self._dialect.demand("pip install of pylock.toml")
        parts += named("--requirement", step.requirements_files)
        parts += named("--constraint", step.constraints_files)
        settings = [f"{key}={value}" for key, value in step.config_settings.items()]
        parts += self._option(verb, "--config-setting", *settings) if settings else ()
        parts += self._indexes(scenario, step.index, step.extra_indexes)
        parts += find_links_options(scenario, step.find_links)
        parts += ["--no-index"] if step.no_index and "--no-index" not in parts else []
        parts += self._option(verb, "--require-hashes") if step.require_hashes else ()
        return CommandLine((*parts, *self._common(verb, step)), files)

    def _indexes(
        self, scenario: Scenario, default: str | None, extra: tuple[str, ...]
    ) -> tuple[str, ...]:
        # Only indexes in the project file can have an override; uv pip also uses these indexes.
        named_here = [name for name in extra if name not in scenario.cache_control]
        return tuple(index_options(scenario, default, named_here))

    def _uninstall(self, step: Uninstall, scenario: Scenario) -> CommandLine:  # noqa: ARG002
        return CommandLine(("pip", "uninstall", *step.projects))

    def _compile(self, step: Compile, scenario: Scenario) -> CommandLine:
        parts = ["pip", "compile", "requirements.in", "--output-file", step.to]
        parts += self._indexes(scenario, None, step.extra_indexes)
        parts += ["--generate-hashes"] if step.hashes else []
        arguments = (*parts, *self._common("pip compile", step))
        return CommandLine(arguments, {"requirements.in": lines(step.requirements)})

    def _sync_requirements(self, step: SyncRequirements, scenario: Scenario) -> CommandLine:
        parts = ["pip", "sync", step.file, *self._indexes(scenario, None, step.extra_indexes)]
        parts += self._option("pip sync", "--require-hashes") if step.require_hashes else ()
        return CommandLine((*parts, *self._common("pip sync", step)))

    def _clear_cache(self, step: ClearCache, scenario: Scenario) -> CommandLine:  # noqa: ARG002
        verb = ("cache", "clean") if self._dialect.has("0.1.6") else ("clean",)
        return CommandLine((*verb, *step.projects))

    def _prune_cache(self, step: PruneCache, scenario: Scenario) -> CommandLine:  # noqa: ARG002
        self._dialect.demand("cache prune")
        option = self._option("cache prune", "--ci") if step.ci else ()
        return CommandLine(("cache", "prune", *option))


def _by_package(option: str, choice: bool | tuple[str, ...]) -> tuple[str, ...]:
    """Return the option for all projects, or the single-project option once for each project.

    The result is empty if ``choice`` is false.
    """
    if isinstance(choice, tuple):
        return named(f"{option}-package", choice)
    return (option,) if choice else ()


_TRANSLATORS: Final[Mapping[type, Callable[[UvCommands, Any, Scenario], CommandLine]]] = {
    Lock: UvCommands._lock,
    Sync: UvCommands._sync,
    Run: UvCommands._run,
    Add: UvCommands._add,
    Remove: UvCommands._remove,
    Install: UvCommands._install,
    Uninstall: UvCommands._uninstall,
    Compile: UvCommands._compile,
    SyncRequirements: UvCommands._sync_requirements,
    ClearCache: UvCommands._clear_cache,
    PruneCache: UvCommands._prune_cache,
}
