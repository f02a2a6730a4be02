"""A selection of projects: none, all, or a set of named projects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from packaging.utils import NormalizedName, canonicalize_name


@dataclass(frozen=True, slots=True)
class Selection:
    """The projects chosen by an option such as ``--reinstall`` or ``--reinstall-package``."""

    everything: bool = False
    names: frozenset[NormalizedName] = frozenset()

    @classmethod
    def of(cls, choice: bool | Iterable[str]) -> Self:
        """Make a selection: all projects if ``True``, none if ``False``, or the named projects."""
        if isinstance(choice, bool):
            return cls(everything=choice)
        return cls(names=frozenset(canonicalize_name(name) for name in choice))

    @classmethod
    def of_formats(cls, texts: Iterable[str]) -> Self:
        """Parse the values of pip's ``--no-binary``: comma-separated names, ``:all:``, ``:none:``.

        A later ``:none:`` cancels everything before it.
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
"""The resolution strategies, the default first."""


def read_resolution(text: str) -> str:
    """Check a resolution strategy, and return it unchanged.

    :raises ValueError: if the text is not one of :data:`RESOLUTIONS`
    """
    if text not in RESOLUTIONS:
        raise ValueError(f"must be one of {', '.join(RESOLUTIONS)}, not {text!r}")
    return text


def lowest_of(resolution: str | None, direct: Iterable[NormalizedName]) -> Selection:
    """Return the projects for which the lowest fitting release is chosen.

    ``direct`` are the projects that are required directly.
    """
    if resolution == "lowest":
        return EVERYTHING
    return Selection.of(direct) if resolution == "lowest-direct" else NOTHING


NOTHING: Final = Selection()
"""The selection without any project."""
EVERYTHING: Final = Selection(everything=True)
"""The selection of all projects."""
