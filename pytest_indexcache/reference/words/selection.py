"""A selection of projects: none, all, or a set of named projects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from packaging.utils import NormalizedName, canonicalize_name


@dataclass(frozen=True, slots=True)
class Selection:
    """The projects that an option such as ``--reinstall`` or ``--reinstall-package`` selects."""

    everything: bool = False
    names: frozenset[NormalizedName] = frozenset()

    @classmethod
    def of(cls, choice: bool | Iterable[str]) -> Self:
        """Create a selection: all projects (``True``), none (``False``), or the named projects."""
        if isinstance(choice, bool):
            return cls(everything=choice)
        return cls(names=frozenset(canonicalize_name(name) for name in choice))

    @classmethod
    def of_formats(cls, texts: Iterable[str]) -> Self:
        """Parse the values of pip's ``--no-binary``: comma-separated names, ``:all:``, ``:none:``.

        ``:none:`` cancels everything before it.
        """
        found = cls()
        for word in (word.strip() for text in texts for word in text.split(",")):
            if word == ":none:":
                found = cls()
            elif word == ":all:":
                found = cls(everything=True)
            elif word:
                found = cls(found.everything, found.names | {canonicalize_name(word)})
        return found

    def __or__(self, other: Selection) -> Selection:
        return Selection(self.everything or other.everything, self.names | other.names)

    def __contains__(self, name: NormalizedName) -> bool:
        return self.everything or name in self.names

    def __bool__(self) -> bool:
        return self.everything or bool(self.names)


RESOLUTIONS: Final = ("highest", "lowest", "lowest-direct")
"""The resolution strategies, starting with the default."""


def read_resolution(text: str) -> str:
    """Check a resolution strategy, and return it unchanged.

    :raises ValueError: if the text is not one of :data:`RESOLUTIONS`
    """
    if text not in RESOLUTIONS:
        raise ValueError(f"must be one of {', '.join(RESOLUTIONS)}, not {text!r}")
    return text


def lowest_of(resolution: str | None, direct: Iterable[NormalizedName]) -> Selection:
    """Return the projects for which the lowest suitable release is chosen.

    ``direct`` are the directly required projects.
    """
    if resolution == "lowest":
        return EVERYTHING
    return Selection.of(direct) if resolution == "lowest-direct" else NOTHING


NOTHING: Final = Selection()
"""The selection that does not contain any project."""
EVERYTHING: Final = Selection(everything=True)
"""The selection that contains every project."""
