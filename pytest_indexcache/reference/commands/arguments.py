"""Command-line arguments: how to parse them, display them and convert them to values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pytest_indexcache.reference.words.selection import EVERYTHING, NOTHING, Selection

ALL: Final = ":all:"
"""The value of an option that selects all projects instead of naming some."""

Read = Callable[[str, Path], Any]
"""A function that converts a string to a value; relative paths are resolved against a folder."""


@dataclass(frozen=True)
class Spelling:
    """How an argument is written: its option names and its keyword arguments for argparse.

    A positional argument has no names.
    """

    names: tuple[str, ...]
    keywords: Mapping[str, Any]

    @classmethod
    def of(cls, usage: str, text: str | None, **keywords: Any) -> Spelling:
        """Parse a usage string such as ``-r --requirement FILE``."""
        words = usage.split()
        names = tuple(word for word in words if word.startswith("-"))
        metavar = {"metavar": words[-1]} if len(names) < len(words) else {}
        return cls(names, {**metavar, "help": text, **keywords})


@dataclass(frozen=True)
class Argument:
    """An option or a positional argument; all spellings of an option set the same value.

    ``read`` converts a string to a value, ``gather`` combines several values into one. Options with
    the same ``one_of`` are mutually exclusive.
    """

    section: Section
    spellings: tuple[Spelling, ...]
    read: Read
    gather: Callable[[tuple[Any, ...]], Any]
    one_of: str

    @property
    def is_operand(self) -> bool:
        """Whether this is a positional argument."""
        return not self.spellings[0].names

    def add_to(self, parser: Any, key: str, *, is_needed: bool) -> None:
        """Add the argument to an argparse parser or group; its result is stored under ``key``."""
        for spelling in self.spellings:
            if self.is_operand:
                parser.add_argument(key, nargs="+" if is_needed else "*", **spelling.keywords)
            else:
                needed = {"required": True} if is_needed else {}
                parser.add_argument(*spelling.names, dest=key, **spelling.keywords, **needed)

    def value(self, found: Any, folder: Path) -> Any:
        """Convert argparse's result to the argument's value; paths are relative to ``folder``."""
        if isinstance(found, list):
            return self.gather(tuple(self.read(text, folder) for text in found))
        return found if isinstance(found, bool) else self.read(found, folder)

    def written(self, value: Any) -> Iterator[str]:
        """Yield the command-line words that set the argument to a value.

        The value True selects all projects, or turns on an option that does not take a value.
        """
        first, last = self.spellings[0], self.spellings[-1]
        if value is True and first.keywords["action"] != "append":
            yield first.names[-1]
            return
        for text in (ALL,) if value is True else (value,) if isinstance(value, str) else value:
            if self.is_operand:
                yield text
            elif text.startswith("-"):
                yield f"{last.names[-1]}={text}"
            else:
                yield from (last.names[-1], text)


@dataclass(frozen=True)
class Section:
    """A group of arguments in the help text, which has no heading if the title is empty.

    ``others`` are the keys of arguments that belong to other sections but are also shown in this
    one. Each method creates a dataclass field for the value of an argument.
    """

    title: str = ""
    others: tuple[str, ...] = ()

    def switch(self, usage: str, text: str, **more: Any) -> Any:
        """Create a field for an option that does not take a value."""
        return self._field(False, Spelling.of(usage, text, action="store_true"), **more)

    def value(
        self, usage: str, text: str | None = None, *, default: Any = None, **more: Any
    ) -> Any:
        """Create a field for an option that takes one value."""
        choices = {"choices": more.pop("choices")} if "choices" in more else {}
        return self._field(default, Spelling.of(usage, text, **choices), **more)

    def values(self, usage: str, text: str, *, default: Any = (), **more: Any) -> Any:
        """Create a field for an option that can be repeated."""
        return self._field(default, Spelling.of(usage, text, action="append"), **more)

    def operands(self, metavar: str, text: str | None = None, **more: Any) -> Any:
        """Create a field for positional arguments."""
        return self._field((), Spelling.of(metavar, text), **more)

    def formats(self, usage: str, text: str) -> Any:
        """Create a field for an option that takes project names or ``:all:``."""
        return self.values(usage, text, default=NOTHING, gather=Selection.of_formats)

    def projects(self, name: str, text: str) -> Any:
        """Create a field for a pair of options such as ``--upgrade`` and ``--upgrade-package``."""
        for_all = Spelling.of(name, text, action="append_const", const=ALL)
        for_one = Spelling.of(f"{name}-package NAME", "of this project", action="append")
        return self._field(NOTHING, for_all, for_one, gather=_selection)

    def _field(
        self,
        default: Any,
        *spellings: Spelling,
        read: Read = lambda text, _: text,
        gather: Callable[[tuple[Any, ...]], Any] = tuple,
        one_of: str = "",
    ) -> Any:
        argument = Argument(self, spellings, read, gather, one_of)
        return field(default=default, metadata={"argument": argument})


def _selection(names: tuple[str, ...]) -> Selection:
    return EVERYTHING if ALL in names else Selection.of(names)
