"""Check files against the hashes in requirements, and choose files with an allowed hash."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from pytest_indexcache.errors import HashMismatchError, UsageError
from pytest_indexcache.reference.index.simple_pages import read_url_hashes
from pytest_indexcache.reference.resolve.metadata import MetadataReader
from pytest_indexcache.reference.words.packages import Pin, RemoteFile, is_exact

STRONG_ALGORITHMS: Final = frozenset({"sha256", "sha384", "sha512"})
"""The hash algorithms that pip and uv accept when hashes are required."""

AllowedHashes = Mapping[str, frozenset[str]]
"""Maps each algorithm to the digests that a file is allowed to have."""

HashedRequirement = tuple[Requirement, AllowedHashes]
"""A requirement with the hashes on the same line."""


@dataclass(frozen=True)
class RequiredHashes:
    """The hashes that a command's requirements allow; ``allowed`` maps projects to hashes.

    If several lines name the same project, a hash is allowed only if all of these lines list it, as
    in pip; lines with a false marker are ignored. If any line has a hash, every requirement must
    have one.
    """

    is_required: bool
    allowed: Mapping[NormalizedName, AllowedHashes]

    @classmethod
    def of(
        cls,
        lines: Iterable[HashedRequirement],
        constraints: Iterable[HashedRequirement],
        overrides: Sequence[HashedRequirement],
        markers: Mapping[str, str],
        *,
        is_required: bool,
    ) -> Self:
        """Collect the hashes from all lines; no request is sent to an index.

        The hashes in ``overrides`` replace those in ``lines`` for the same projects.

        :raises UsageError: if hashes are required, and a line is not pinned or does not have a hash
        """
        replaced = {canonicalize_name(override.name) for override, _ in overrides}
        required = [line for line in lines if _holds(line[0], markers)]
        asked = [entry for entry in required if canonicalize_name(entry[0].name) not in replaced]
        others = [line for line in (*constraints, *overrides) if _holds(line[0], markers)]
        everything = [*asked, *others]
        allowed: dict[NormalizedName, AllowedHashes] = {}
        for requirement, hashes in everything:
            name, named = canonicalize_name(requirement.name), hashes or _of_url(requirement)
            if named:
                allowed[name] = _common(allowed.get(name), named)
        is_required = is_required or any(hashes for _, hashes in (*required, *others))
        if is_required:
            pinned = {canonicalize_name(entry.name) for entry, _ in everything if _is_pinned(entry)}
            for requirement, _ in asked:
                _demand_hash(canonicalize_name(requirement.name), allowed, pinned)
        return cls(is_required, allowed)

    def demand_strong(self) -> None:
        """Reject hash algorithms with known collisions, such as MD5.

        :raises UsageError: if hashes are required and a project does not have a stronger hash
        """
        for name, allowed in self.allowed.items() if self.is_required else ():
            if not STRONG_ALGORITHMS.intersection(allowed):
                raise UsageError(
                    f"{name} has only hashes that can be forged: {' and '.join(allowed)}",
                    hint=f"name one of {', '.join(sorted(STRONG_ALGORITHMS))}",
                )

    def allows(self, name: NormalizedName, hashes: Mapping[str, str]) -> bool:
        """Return whether a project's file may be installed if it has these hashes."""
        if not self.is_required:
            return True
        allowed = self.allowed.get(name, {})
        return any(
            hashes[algorithm].lower() in allowed[algorithm]
            for algorithm in allowed.keys() & hashes.keys()
        )

    def choose(self, pin: Pin, files: Sequence[RemoteFile], metadata: MetadataReader) -> Pin:
        """Return a pin with the first of ``files`` that has an allowed hash.

        A file is downloaded to compute its hash if the index does not list one with an allowed
        algorithm.

        :raises UsageError: if hashes are required and there are none for the project
        :raises HashMismatchError: if no file has an allowed hash
        """
        if not self.is_required:
            return pin
        allowed = self.allowed.get(pin.name)
        if not allowed or pin.file is None:
            raise _without_hash(pin.name)
        for file in files:
            if self.allows(pin.name, file.hashes):
                return replace(pin, file=file)
        hashed = []
        for file in files:
            if not allowed.keys() & file.hashes.keys():
                hashed.append(metadata.with_hash(file, tuple(allowed)))
                if self.allows(pin.name, hashed[-1].hashes):
                    return replace(pin, file=hashed[-1])
        raise _mismatch(hashed[0] if hashed else pin.file, allowed)


def _holds(requirement: Requirement, markers: Mapping[str, str]) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({**markers, "extra": ""})


def _of_url(requirement: Requirement) -> AllowedHashes:
    """Return the hashes in the fragment of a requirement's URL."""
    hashes = read_url_hashes(requirement.url or "")
    return {name: frozenset({digest.lower()}) for name, digest in hashes.items()}


def _common(one: AllowedHashes | None, other: AllowedHashes) -> AllowedHashes:
    if one is None:
        return other
    return {name: one[name] & other[name] for name in one.keys() & other.keys()}


def _is_pinned(requirement: Requirement) -> bool:
    return requirement.url is not None or any(map(is_exact, requirement.specifier))


def _demand_hash(
    name: NormalizedName,
    allowed: Mapping[NormalizedName, AllowedHashes],
    pinned: set[NormalizedName],
) -> None:
    if name not in allowed:
        raise _without_hash(name)
    if name not in pinned:
        raise UsageError(
            f"{name} is to be installed with a hash, and no version of it is pinned",
            hint="write ==VERSION before --hash: a hash is of one file",
        )


def _without_hash(name: NormalizedName) -> UsageError:
    return UsageError(
        f"{name} is to be installed, and no hash of it is required",
        hint="with --require-hashes every requirement needs ==VERSION and --hash",
    )


def _mismatch(file: RemoteFile, allowed: AllowedHashes) -> HashMismatchError:
    expected = ", ".join(f"{name}:{digest}" for name in allowed for digest in sorted(allowed[name]))
    got = ", ".join(f"{name}:{digest}" for name, digest in file.hashes.items())
    return HashMismatchError(
        f"{file.filename} has none of the required hashes: "
        f"expected {expected or 'one that all lines of it name'}, got {got}",
        hint="compile the requirements again, or find out why the file has changed",
    )
