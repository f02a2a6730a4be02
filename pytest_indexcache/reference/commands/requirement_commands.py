"""The commands that act on a venv without a project, such as install, uninstall and compile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

from pytest_indexcache.errors import LockfileError, UsageError
from pytest_indexcache.reference.commands.command import Commands
from pytest_indexcache.reference.commands.demand import Asked, Demand, lockfile_of
from pytest_indexcache.reference.commands.session import Session
from pytest_indexcache.reference.install.changes import Changes, Package, count_packages
from pytest_indexcache.reference.install.required_hashes import RequiredHashes
from pytest_indexcache.reference.install.transaction import Transaction
from pytest_indexcache.reference.lock.lockfile import read_lock
from pytest_indexcache.reference.project.requirement_texts import locate_requirement
from pytest_indexcache.reference.project.requirements_file import (
    is_lockfile,
    read_requirements,
    write_requirements,
)
from pytest_indexcache.reference.resolve.installed import InstalledCandidates
from pytest_indexcache.reference.resolve.needs import Rules
from pytest_indexcache.reference.resolve.resolver import (
    Preferences,
    pin_warnings,
    resolve_requirements,
)
from pytest_indexcache.reference.words.packages import Pin, is_exact
from pytest_indexcache.system.atomic_files import write_atomically
from pytest_indexcache.system.venvs.environment import Environment
from pytest_indexcache.system.venvs.installed import InstalledDistribution


class RequirementCommands(Commands):
    """The commands that act on a venv: the one that the options name, or ``.venv`` by default."""

    def install(self) -> Changes:
        """Install the requirements; other packages in the venv stay unchanged.

        If possible, an installed version that meets the requirements is kept. If a lockfile is
        given, its packages are installed without resolving again.
        """
        return self._install(exact=False)

    def sync_requirements(self) -> Changes:
        """Make the venv contain exactly the given requirements, without their dependencies."""
        return self._install(exact=True)

    def compile(self) -> tuple[Pin, ...]:
        """Resolve the requirements, and write a requirements file.

        If the file already exists, the versions in it are kept where possible. With ``hashes``, the
        file also lists the hashes of all files that this environment can use.
        """
        demand, output, hashes = self._demand(), self.options.output, self.options.hashes
        if is_lockfile(output):
            raise UsageError(
                f"{output} is a lockfile's name, but compile writes a requirements file",
                hint="name a .txt file",
            )
        with self._session(demand) as session:
            asked = demand.read(session.name_of, session.interpreter.target.markers)
            rules = replace(asked.rules, preferences=self._compiled_versions(session))
            pins = self._resolve(session, asked, rules)
            text = write_requirements(pins, lambda pin: _hashes_of(session, pin) if hashes else ())
        write_atomically(output.absolute(), text.encode())
        return pins

    def uninstall(self) -> Changes:
        """Remove projects from the venv; those that are not installed are skipped.

        :raises UsageError: if there is no venv
        """
        environment = Environment.open(self.venv)
        if environment is None:
            raise UsageError(f"there is no venv in {self.venv}", hint="name one with --venv")
        wanted = {canonicalize_name(name) for name in self.options.projects}
        with self._sole_user_of_venv(), Transaction(environment) as change:
            doomed = tuple(
                distribution
                for distribution in environment.installed()
                if distribution.name in wanted
            )
            for name in sorted(wanted.difference(distribution.name for distribution in doomed)):
                self.settings.echo(f"Skipped {name}, which is not installed")
            change.commit(doomed)
        changes = Changes(removed=tuple(map(Package.of, doomed)))
        return self._say(changes) if doomed else changes

    def _install(self, *, exact: bool) -> Changes:
        lockfile = lockfile_of(self.options)
        if lockfile is not None:
            return self._install_locked(lockfile, exact=exact)
        demand, upgrade = self._demand(), self.options.upgrade
        self._empty()
        with self._session(demand) as session:
            environment = self._usable(session, is_ours=False)
            installed = environment.installed() if environment else ()
            asked = demand.read(session.name_of, session.interpreter.target.markers)
            rules = replace(
                asked.rules,
                preferences={
                    distribution.name: {distribution.version}
                    for distribution in installed
                    if distribution.name not in upgrade
                },
                installed=self._installed_candidates(session, asked, installed, exact=exact),
                dependencies=asked.rules.dependencies and not exact,
            )
            pins = self._resolve(session, asked, rules)
            names = frozenset(pin.name for pin in pins) if exact else asked.names
            return self._bring(session, pins, exact=exact, requested=names)

    def _install_locked(self, path: Path, *, exact: bool) -> Changes:
        """Install a lockfile's packages for this environment (PEP 751, section "Installation")."""
        lock = read_lock(path)
        if lock is None:
            raise LockfileError(f"there is no {path}", hint="check the path")
        self._empty()
        with self._session(Demand(self.options)) as session:
            pins = self._select(session, lock)
            names = frozenset(pin.name for pin in pins)
            return self._bring(session, pins, exact=exact, requested=names)

    def _demand(self) -> Demand:
        demand = Demand.of(self.options, self.settings.environment)
        if self.settings.behaviour.ignore_required_hashes:
            return replace(demand, options=replace(demand.options, require_hashes=False))
        return demand

    def _session(self, demand: Demand) -> Session:
        settings = self.settings
        twice = settings.behaviour.ask_index_twice
        indexes = demand.indexes(settings.default_index, twice=twice)
        return Session(settings, demand.options, indexes)

    def _resolve(self, session: Session, asked: Asked, rules: Rules) -> tuple[Pin, ...]:
        """Resolve the requirements, and choose only files that have an allowed hash."""
        behaviour = self.settings.behaviour
        ignored = behaviour.ignore_required_hashes
        hashes = RequiredHashes(is_required=False, allowed={}) if ignored else asked.hashes
        if not behaviour.accept_md5:
            hashes.demand_strong()
        finder = session.finder.with_hashes(hashes.allowed if hashes.is_required else {})
        pins = resolve_requirements(
            asked.requirements,
            finder,
            session.metadata,
            replace(rules, lowest=session.lowest(asked.names)),
            most_requests=self.settings.most_requests,
        )
        pins = tuple(hashes.choose(pin, finder.files_of(pin), session.metadata) for pin in pins)
        self.settings.echo(f"Resolved {count_packages(len(pins))}")
        files = [pin.file for pin in pins if pin.file]
        if behaviour.separate_metadata:
            for file in files:
                session.metadata.read_file(file)
        if not (behaviour.warn_of_downloads and all(map(session.store.has, files))):
            for warning in pin_warnings(pins):
                self.settings.echo(warning)
        return pins

    def _installed_candidates(
        self,
        session: Session,
        asked: Asked,
        installed: Sequence[InstalledDistribution],
        *,
        exact: bool,
    ) -> InstalledCandidates:
        """Return candidates for the installed distributions that may be kept.

        An index does not have to offer them. Distributions from an index, and those of unknown
        origin, may be kept unless their projects are to be reinstalled or their hashes are not
        allowed. All others may be kept only without ``exact``. A distribution from a URL is also
        replaced if a requirement names a URL for its project, or if the project is to be upgraded,
        reinstalled or refreshed.
        """
        options = self.options
        by_url = {
            canonicalize_name(requirement.name)
            for requirement in asked.requirements
            if requirement.url is not None
        }
        renewed = (options.upgrade, options.reinstall, options.refresh, by_url)

        def may_stay(found: InstalledDistribution) -> bool:
            name, origin = found.name, found.origin
            if origin is None or origin.kind == "index":
                return name not in options.reinstall and asked.hashes.allows(name, found.hashes)
            is_renewed = origin.kind == "url" and any(name in names for names in renewed)
            return not exact and not is_renewed

        staying = filter(may_stay, () if self.settings.behaviour.ignore_installed else installed)
        return InstalledCandidates(
            staying, session.metadata, session.indexes, options.upgrade | options.refresh
        )

    def _compiled_versions(self, session: Session) -> Preferences:
        """Return the versions in the compiled requirements file; empty if it does not exist yet.

        Projects that are to be upgraded are left out.
        """
        if not self.options.output.is_file():
            return {}
        lines = read_requirements(self.options.output).requirements
        requirements = [locate_requirement(line.text, session.name_of) for line in lines]
        return {
            canonicalize_name(requirement.name): frozenset(
                Version(part.version)
                for part in requirement.specifier
                if part.operator == "==" and is_exact(part)
            )
            for requirement in requirements
            if canonicalize_name(requirement.name) not in self.options.upgrade
        }


def _hashes_of(session: Session, pin: Pin) -> tuple[str, ...]:
    """Return the sha256 of each file of a pinned release; compute those that no page lists."""
    if pin.file is None:
        return ()
    files = [file for file in session.finder.files_of(pin) if file.hashes or file == pin.file]
    digests = (session.metadata.with_hash(file).hashes for file in files)
    return tuple(
        sorted(
            {f"sha256:{algorithms['sha256']}" for algorithms in digests if "sha256" in algorithms}
        )
    )
