"""A table in a TOML file that is read key by key; errors name the file and the key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from packaging.requirements import InvalidRequirement, Requirement

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.errors import UsageError

Value = TypeVar("Value")


def read_toml(file: Path) -> dict[str, Any]:
    """Read a TOML file.

    :raises UsageError: if it does not exist, or is not valid TOML
    """
    try:
        return loads_toml(file.read_bytes().decode())
    except FileNotFoundError as error:
        raise UsageError(
            f"{file}: there is no such file",
            hint="run this in a folder that has a pyproject.toml, or name one with --project",
        ) from error
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{file}: cannot be read as TOML: {error}") from error


@dataclass(frozen=True, slots=True)
class TomlTable:
    """A table in a TOML file; ``key_path`` is the path to it, and is empty for the whole file."""

    file: Path
    key_path: str
    data: Mapping[str, Any]

    def error(self, key: str, problem: str, hint: str = "") -> UsageError:
        """Return an error about a problem at a key, or in the table itself if the key is empty."""
        return UsageError(f"{self.file}: {self._path_of(key)}: {problem}", hint=hint)

    def allow_only(self, *keys: str) -> None:
        """Raise UsageError if the table has any other key."""
        for key in self.data:
            if key not in keys:
                close = get_close_matches(key, keys, n=1)
                hint = f"did you mean {close[0]!r}?" if close else f"known keys: {', '.join(keys)}"
                raise self.error(key, "is unknown", hint)

    def table(self, key: str) -> TomlTable:
        """Return an inner table, or an empty table if the key is missing."""
        value = self._value(key, dict, "a table", default={})
        return TomlTable(self.file, self._path_of(key), value)

    def tables(self, key: str) -> tuple[TomlTable, ...]:
        """Return the tables in an array of tables."""
        return tuple(
            self._item(f"{key}[{number}]", item) for number, item in enumerate(self.array(key))
        )

    def table_or_tables(self, key: str) -> tuple[TomlTable, ...]:
        """Return the tables in an array of tables; a single table is treated as an array of one."""
        value = self.data[key]
        return self.tables(key) if isinstance(value, list) else (self._item(key, value),)

    def array(self, key: str) -> list[Any]:
        """Return an array, or an empty one if the key is missing."""
        value: list[Any] = self._value(key, list, "an array", default=[])
        return value

    def string(self, key: str) -> str | None:
        """Return a string, or None if the key is missing."""
        value: str | None = self._value(key, str, "a string", default=None)
        return value

    def required_string(self, key: str) -> str:
        """Return a string; the key must be present."""
        value = self.string(key)
        if not value:
            raise self.error(key, "is missing")
        return value

    def strings(self, key: str) -> list[str]:
        """Return an array of strings, or an empty one if the key is missing."""
        values = self.array(key)
        if not all(isinstance(value, str) for value in values):
            raise self.error(key, "must be an array of strings")
        return values

    def boolean(self, key: str, *, default: bool = False) -> bool:
        """Return a boolean, or the default if the key is missing."""
        value: bool = self._value(key, bool, "true or false", default=default)
        return value

    def parsed(self, key: str, parse: Callable[[str], Value]) -> Value | None:
        """Return the string at ``key``, converted by ``parse``, or None if the key is missing.

        :raises UsageError: if ``parse`` raises ValueError
        """
        text = self.string(key)
        if text is None:
            return None
        try:
            return parse(text)
        except ValueError as error:
            raise self.error(key, str(error)) from error

    def requirements(self, key: str) -> tuple[Requirement, ...]:
        """Return the requirements (PEP 508) in an array of strings."""
        requirements = []
        for number, text in enumerate(self.strings(key)):
            try:
                requirements.append(Requirement(text))
            except InvalidRequirement as error:
                first = str(error).partition("\n")[0]
                raise self.error(f"{key}[{number}]", f"{text!r}: {first}") from error
        return tuple(requirements)

    def _path_of(self, key: str) -> str:
        return ".".join(part for part in (self.key_path, key) if part) or "the file"

    def _item(self, key: str, value: object) -> TomlTable:
        if not isinstance(value, dict):
            raise self.error(key, "must be a table")
        return TomlTable(self.file, self._path_of(key), value)

    def _value(self, key: str, kind: type, description: str, *, default: Any) -> Any:
        value = self.data.get(key)
        if value is None:
            return default
        if not isinstance(value, kind):
            raise self.error(key, f"must be {description}, not {value!r}")
        return value
