"""The base class for all tables in a scenario file, and helpers for their fields."""

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

from pytest_indexcache.scenario.words import limits
from pytest_indexcache.scenario.words.limits import bounded
from pytest_indexcache.scenario.words.wording import shown


def key_of(field: str) -> str:
    """Return the key used in the file for a field of the model, such as ``requires-python``."""
    return field.rstrip("_").replace("_", "-")


T = TypeVar("T")


class Table(BaseModel):
    """The base class of tables in a scenario: immutable, strictly typed, rejecting unknown keys."""

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
        """Return the table itself: it is frozen, so pydantic need not copy it as a default."""
        return self


def read_by(read: Callable[[str], T], text: str) -> T:
    """Parse a string with ``read``; if this fails, add the string to the error message."""
    try:
        return read(bounded(text))
    except ValueError as error:
        raise ValueError(f"{shown(text)} {error}") from None


def apart(identity: Callable[[str], Hashable], what: str) -> WrapValidator:
    """Return a validator that rejects tables in which two keys are equivalent.

    Keys are equivalent if ``identity`` returns the same value for both. ``what`` is the kind of
    key, as named in the error message.
    """

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
    """Return the error for a value that has none of the expected types."""
    return PydanticCustomError("wrong_kind", "{expected}", {"expected": expected})


def said(kind: str, pattern: str | None = None) -> Any:
    """Return field metadata that is shown in the schema but does not validate the field's value."""
    extra: dict[str, Any] = {"$comment": kind} | ({"pattern": pattern} if pattern else {})
    return Field(json_schema_extra=extra)


Many = Annotated[tuple[T, ...], Strict(False)]
Line = Annotated[str, Field(max_length=limits.TEXT)]
OwnText = Annotated[str, Field(max_length=limits.OWN_TEXT)]
Scalar = Line | int | float | bool | None
