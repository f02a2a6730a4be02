"""Determine how to change a venv so that it contains exactly the pinned packages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName

from pytest_indexcache.reference.project.fingerprint import fingerprint
from pytest_indexcache.reference.words.behaviour import CORRECT, Behaviour
from pytest_indexcache.reference.words.hashes import hash_file
from pytest_indexcache.reference.words.packages import Pin, RemoteFile
from pytest_indexcache.reference.words.selection import NOTHING, Selection
from pytest_indexcache.system.urls import local_path
from pytest_indexcache.system.venvs.installed import InstalledDistribution, describe
from pytest_indexcache.system.venvs.origins import same_place


@dataclass(frozen=True, slots=True)
class Plan:
    """The distributions to remove and the pins to install; a replaced project is in both lists.

    ``keep`` lists the pinned distributions that are already installed. Distributions that are
    neither pinned nor removed are not listed. ``reasons`` maps each project that changes to the
    reason.
    """

    remove: tuple[InstalledDistribution, ...] = ()
    add: tuple[Pin, ...] = ()
    keep: tuple[InstalledDistribution, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether the venv needs no changes."""
        return not self.remove and not self.add


def plan(
    installed: Iterable[InstalledDistribution],
    pins: Iterable[Pin],
    behaviour: Behaviour = CORRECT,
    *,
    exact: bool = True,
    reinstall: Selection = NOTHING,
) -> Plan:
    """Return the changes that make the installed distributions match the pins.

    The comparison includes origins, and versions with their local segment. If a distribution has no
    recorded index, for example because pip installed it, it is assumed to come from the pin's
    index. A distribution that was built from a folder is kept as long as the folder's fingerprint
    stays the same. With ``exact``, distributions without a pin are removed, except for a pip that
    this installer did not install.
    """
    found: dict[NormalizedName, list[InstalledDistribution]] = {}
    for distribution in installed:
        found.setdefault(distribution.name, []).append(distribution)
    remove, add, keep = [], [], []
    reasons: dict[str, str] = {}
    for pin in pins:
        present = found.pop(pin.name, [])
        reason = _why_replace(present, pin, behaviour)
        if reason is None and pin.name in reinstall:
            reason = "it is to be reinstalled"
        if reason is None:
            keep.extend(present)
        else:
            reasons[pin.name] = reason
            remove.extend(present)
            add.append(pin)
    for distribution in (other for others in found.values() for other in others):
        if exact and not is_seed(distribution):
            reasons[distribution.name] = "nothing requires it"
            remove.append(distribution)
    return Plan(tuple(remove), tuple(add), tuple(keep), reasons)


def is_seed(distribution: InstalledDistribution) -> bool:
    """Return whether a distribution is the pip that was installed when the venv was created."""
    return distribution.name == "pip" and distribution.origin is None


def _why_replace(
    present: list[InstalledDistribution], pin: Pin, behaviour: Behaviour
) -> str | None:
    if not present:
        return "it is not installed"
    if len(present) > 1:
        return "it is installed twice"
    (distribution,) = present
    if not _same_version(distribution, pin, behaviour):
        return f"{distribution} is installed, not {describe(pin.name, pin.version, None)}"
    # The variant that takes 2.9.0+cpu for 2.9.0 does not compare the origin either.
    if behaviour.ignore_local_version and distribution.version != pin.version:
        return None
    if behaviour.ignore_origin:
        return None
    return _why_other_origin(distribution, pin)


def _same_version(distribution: InstalledDistribution, pin: Pin, behaviour: Behaviour) -> bool:
    if pin.version is None or distribution.version == pin.version:
        return True
    # PEP 440, "Version matching": without a local segment in the specifier, that of the
    # candidate version is ignored. The installers in the reports compare in this way.
    return behaviour.ignore_local_version and distribution.version in SpecifierSet(
        f"=={pin.version}", prereleases=True
    )


def _why_other_origin(distribution: InstalledDistribution, pin: Pin) -> str | None:
    origin = distribution.origin
    if origin is None:
        return None if pin.origin.kind == "index" else f"it came from an index, not {pin.origin}"
    if not same_place(origin, pin.origin):
        return (
            f"it came from {origin.kind} {origin.location}, "
            f"not {pin.origin.kind} {pin.origin.location}"
        )
    hashes = _current_hashes(pin.file) if pin.file else {}
    if any(
        hashes[name] != distribution.hashes[name] for name in hashes.keys() & distribution.hashes
    ):
        return "another file of the same name is installed"
    if pin.origin.kind in ("path", "editable") and pin.file is None:
        current = fingerprint(pin.origin)
        if current is not None and current != distribution.fingerprint:
            return f"{pin.origin.location} has changed since it was installed"
    return None


def _current_hashes(file: RemoteFile) -> Mapping[str, str]:
    """Return the listed hashes of a file, or compute one if none are listed.

    A hash can be computed only for a file on this machine; otherwise, the result is empty.
    """
    path = local_path(file.url)
    if file.hashes or path is None or not path.is_file():
        return file.hashes
    return {"sha256": hash_file(path)}
