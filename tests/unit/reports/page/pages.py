"""A parser that reads the report page like a browser."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "link", "input", "br"}


class ReadPage(HTMLParser):
    """A parsed page: its tags, which must be balanced, its attributes, text and data."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.scripts: list[tuple[str, str]] = []
        self.styles: list[str] = []
        self._open: list[str] = []
        self._type = ""
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record a tag and its attributes."""
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self._type = dict(attrs).get("type") or ""
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Record text under its element."""
        if self._open[-1:] == ["script"]:
            self.scripts.append((self._type, data))
        elif self._open[-1:] == ["style"]:
            self.styles.append(data)
        else:
            self.texts.append(data)

    def values(self, name: str) -> list[str]:
        """Return the values of an attribute."""
        return [value for _, one, value in self.attributes if one == name]

    @property
    def text(self) -> str:
        """Return the text of the page, with single spaces."""
        return " ".join(" ".join(self.texts).split())

    @property
    def code(self) -> list[str]:
        """Return the scripts that the page runs."""
        return [text for kind, text in self.scripts if not kind]

    @property
    def index(self) -> Any:
        """Return the data that the page shows first."""
        return self._data[0]

    @property
    def details(self) -> list[Any]:
        """Return the data of each play."""
        return [detail for block in self._data[1:] for detail in block]

    @property
    def _data(self) -> list[Any]:
        return [json.loads(text) for kind, text in self.scripts if kind == "application/json"]
