"""The lockfile, ``pylock.toml`` (PEP 751), which contains the result of a resolution.

A lockfile is valid for one kind of environment, which its key ``environments`` describes. Its keys
``extras`` and ``dependency-groups`` list all extras and groups of the project. User names and
passwords in URLs are not written; when the lockfile is read, they are taken from the project's
indexes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import tomli_w
from packaging.markers import InvalidMarker, Marker
from packaging.pylock import Package, Pylock, PylockSelectError, PylockValidationError
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.errors import LockfileError, UsageError
from pytest_indexcache.reference.lock.lock_digest import digest_inputs
from pytest_indexcache.reference.lock.lock_packages import pin_of
from pytest_indexcache.reference.project.project import GROUP_PREFIX, ProjectDefinition
from pytest_indexcache.reference.words.packages import IndexLocation, Pin
from pytest_indexcache.reference.words.selection import NOTHING, RESOLUTIONS, Selection
from pytest_indexcache.system.atomic_files import write_atomically
from pytest_indexcache.system.pythons.target import Target

LOCKFILE_NAME: Final = "pylock.toml"
"""The name of a project's lockfile."""

CREATED_BY: Final = "pytest-indexcache"

_HINT: Final = "lock again for this Python and platform, or choose one that it is for with --python"
_DAMAGED: Final = "remove it and lock again; it may be damaged, or merged badly"


@dataclass(frozen=True)
class Lockfile:
    """A lockfile from this or another installer; paths in it are relative to ``folder``."""

    path: Path
    pylock: Pylock

    @property
    def folder(self) -> Path:
        """The folder that contains the lockfile and the project."""
        return self.path.parent

    def is_current(
        self, definition: ProjectDefinition, target: Target, *, as_written: bool = False
    ) -> bool:
        """Return whether the lock is up to date for the project and valid in this environment.

        With ``as_written``, index URLs must match exactly, including passwords and trailing
        slashes.
        """
        environments = {str(marker) for marker in self.pylock.environments or ()}
        return (
            self._own.get("digest") == digest_inputs(definition, as_written=as_written)
            and str(Marker(target.environment)) in environments
        )

    def select(
        self,
        extras: Iterable[str] = (),
        groups: Iterable[str] = (),
        *,
        target: Target,
        indexes: Sequence[IndexLocation],
        no_binary: Selection = NOTHING,
        no_build: Selection = NOTHING,
    ) -> tuple[Pin, ...]:
        """Return the pins to install for these extras and groups, sorted by name.

        The lock's own default groups are always included. ``indexes`` are the project's indexes;
        the index of each file is taken from them, with credentials and overrides. ``no_binary``
        selects projects whose wheels must not be used, ``no_build`` projects whose sdists must not
        be used.

        :raises UsageError: if an extra or group is unknown, or conflicts with another selected one
        :raises LockfileError: if the lock is for another environment, or has no file for this one
        """
        names = frozenset(map(canonicalize_name, extras))
        group_names = frozenset(map(canonicalize_name, groups))
        self._check_choice(names, group_names)
        try:
            found = self.pylock.select(
                environment=target.marker_environment,
                tags=target.parsed_tags,
                extras=names,
                dependency_groups=group_names | self._default_groups,
                prefer_sdist_predicate=no_binary.__contains__,
            )
            pins = [pin_of(package, chosen, self.folder, indexes) for package, chosen in found]
        except PylockSelectError as error:
            raise LockfileError(f"{self.path}: {error}", hint=_HINT) from error
        for pin in pins:
            self._check_format(pin, no_binary, no_build)
        return tuple(sorted(pins, key=lambda pin: pin.name))

    def preferences(self, upgrade: Selection = NOTHING) -> dict[NormalizedName, frozenset[Version]]:
        """Return the versions to keep when locking again; projects to upgrade are left out."""
        kept: dict[NormalizedName, frozenset[Version]] = {}
        for package in self.pylock.packages:
            if package.version is not None and package.name not in upgrade:
                kept[package.name] = kept.get(package.name, frozenset()) | {package.version}
        return kept

    @property
    def resolution(self) -> str:
        """The resolution strategy that was used to make the lock."""
        return str(self._own.get("resolution", RESOLUTIONS[0]))

    @property
    def _default_groups(self) -> frozenset[NormalizedName]:
        return frozenset(map(canonicalize_name, self.pylock.default_groups or ()))

    @property
    def _own(self) -> Mapping[str, object]:
        own = (self.pylock.tool or {}).get("indexcache")
        return own if isinstance(own, dict) else {}

    def _check_choice(
        self, extras: frozenset[NormalizedName], groups: frozenset[NormalizedName]
    ) -> None:
        for kind, chosen, known in (
            ("extra", extras, self.pylock.extras or ()),
            ("group", groups, self.pylock.dependency_groups or ()),
        ):
            unknown = sorted(chosen.difference(map(canonicalize_name, known)))
            if unknown:
                raise UsageError(
                    f"{self.path} has no {kind} {unknown[0]!r}",
                    hint=f"it has {', '.join(sorted(known)) or 'none'}",
                )
        selected = {*extras, *(GROUP_PREFIX + group for group in groups)}
        conflicts = self._own.get("conflicts")
        for names in conflicts if isinstance(conflicts, list) else ():
            if selected.issuperset(names):
                raise UsageError(
                    f"{self.path}: {' and '.join(names)} exclude each other",
                    hint="select only one of them: they conflict in [tool.indexcache]",
                )

    def _check_format(self, pin: Pin, no_binary: Selection, no_build: Selection) -> None:
        if pin.file is None or pin.name not in (no_binary if pin.file.is_wheel else no_build):
            return
        option = "--no-binary" if pin.file.is_wheel else "--no-build"
        raise LockfileError(
            f"{self.path} has only {pin.file.filename} of {pin.name} for this environment, and "
            f"{option} forbids it",
            hint=f"leave out {option} for this project, or lock again",
        )


def make_lock(
    definition: ProjectDefinition,
    packages: Iterable[Package],
    target: Target,
    exclusive: Iterable[frozenset[str]] = (),
) -> Lockfile:
    """Create the lock for a project.

    Each set in ``exclusive`` contains extras and groups that conflict with each other.

    :raises LockfileError: if a package cannot be locked
    """
    own: dict[str, object] = {
        "digest": digest_inputs(definition),
        "conflicts": sorted(sorted(names) for names in exclusive),
    }
    if definition.resolution not in (None, RESOLUTIONS[0]):
        own["resolution"] = definition.resolution
    pylock = Pylock(
        lock_version=Version("1.0"),
        environments=[Marker(target.environment)],
        requires_python=definition.requires_python or None,
        extras=sorted(definition.optional_dependencies),
        dependency_groups=sorted(definition.dependency_groups),
        default_groups=[],
        created_by=CREATED_BY,
        packages=sorted(
            packages, key=lambda package: (package.name, str(package.version), str(package.marker))
        ),
        tool={"indexcache": own},
    )
    lock = Lockfile(definition.folder / LOCKFILE_NAME, pylock)
    try:
        pylock.validate()
    except PylockValidationError as error:
        raise LockfileError(f"{lock.path}: {error}") from error
    return lock


def read_lock(path: Path) -> Lockfile | None:
    """Read a lockfile; return None if it does not exist.

    :raises LockfileError: if the file is not a valid lockfile
    """
    try:
        pylock = Pylock.from_dict(loads_toml(path.read_bytes().decode()))
        return Lockfile(path.parent.resolve() / path.name, pylock)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LockfileError(f"{path}: cannot be read: {error.strerror}") from error
    except (PylockValidationError, InvalidMarker) as error:
        raise LockfileError(f"{path}: not a valid pylock.toml: {error}", hint=_DAMAGED) from error
    except ValueError as error:
        raise LockfileError(f"{path}: cannot be read as TOML: {error}", hint=_DAMAGED) from error


def write_lock(path: Path, lock: Lockfile) -> None:
    """Write a lock atomically, unless the file already has the same contents.

    Equal locks always result in equal bytes.
    """
    data = tomli_w.dumps(lock.pylock.to_dict()).encode()
    if not path.exists() or path.read_bytes() != data:
        write_atomically(path, data)
