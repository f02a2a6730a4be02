"""What all tables of a scenario file have in common, and texts of no special kind."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    Strict,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from pytest_indexcache.scenario.tables import limits
from pytest_indexcache.scenario.tables.limits import bounded
from pytest_indexcache.scenario.tables.wording import shown


def key_of(field: str) -> str:
    """Return the key in a file for a field of the model: ``requires-python``."""
    return field.rstrip("_").replace("_", "-")


T = TypeVar("T")


class Table(BaseModel):
    """A table of a scenario file: frozen, strict about types, without room for unknown keys."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=key_of,
        populate_by_name=True,
        use_attribute_docstrings=True,
        defer_build=True,
    )

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """Return the table itself: it is frozen, and defaults would be copied for each release."""
        return self


def read_by(read: Callable[[str], T], text: str) -> T:
    """Return what a function reads in a text; the error of one that is not right shows it."""
    try:
        return read(bounded(text))
    except ValueError as error:
        raise ValueError(f"{shown(text)} {error}") from None


def apart(identity: Callable[[str], Hashable], what: str) -> WrapValidator:
    """Refuse a table in which two keys mean the same: one would silently hide the other."""

    def check(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        checked = handler(value)
        first: dict[Hashable, str] = {}
        for key in value:
            other = first.setdefault(identity(key), key)
            if other != key:
                text = f"{shown(other)} and {shown(key)} are the same {what}"
                raise PydanticCustomError("same_key", "{text}", {"text": text, "key": key})
        return checked

    return WrapValidator(check)


def wrong_kind(expected: str) -> PydanticCustomError:
    """Return the error that a value is of none of the kinds that may stand in its place."""
    return PydanticCustomError("wrong_kind", "{expected}", {"expected": expected})


def said(kind: str, pattern: str | None = None) -> Any:
    """Return what tells editors and readers the kind of a text; the checks tell the loader."""
    extra: dict[str, Any] = {"$comment": kind} | ({"pattern": pattern} if pattern else {})
    return Field(json_schema_extra=extra)


Many = Annotated[tuple[T, ...], Strict(False)]
Line = Annotated[str, Field(max_length=limits.TEXT)]
OwnText = Annotated[str, Field(max_length=limits.OWN_TEXT)]
Scalar = Line | int | float | bool | None
