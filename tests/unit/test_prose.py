"""The language of docstrings, comments and messages, checked for phrases to avoid."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

HEADLESS = re.compile(r"(?:\w+ )?(?:[Ww]hat|[Ww]hatever|[Ww]hoever)\b")
"""The start of a docstring that does not name its subject, such as "Return what runs hooks"."""

AVOIDED = {
    "shall": r"\bshall\b",
    "come about, come of": r"\b(?:comes?|came) (?:about|of)\b",
    "has no say": r"\bno say\b",
    "of ours": r"\bof ours\b",
    "hear of": r"\bhears? of\b",
    "lest": r"\blest\b",
    "pass by": r"\bpass(?:es|ed)? by\b",
    "is none: say is not valid": r"(?<!there )\b(?:is|are|was|were) none\b(?! of)",
    "has not the: say does not have the": r"\bha(?:s|ve|d) not (?:the|a|an|any)\b",
    "is no: say is not a": r"(?<!there )\b(?:is|are|was|were) no\b(?! longer| more)",
}
"""Patterns of phrases that need a second reading, with plainer words for some of them."""

SUSPECT = re.compile(rf'"""{HEADLESS.pattern}|{"|".join(AVOIDED.values())}')
"""Matches every source text with a phrase to avoid, and is faster than parsing it."""

SUSPECT_COMMENT = re.compile(rf"#.*(?:{'|'.join(AVOIDED.values())})")
"""Matches every source text with a phrase to avoid in a comment."""


def _texts(source: str, *, is_test: bool) -> Iterator[tuple[int, str, bool]]:
    """Yield the line and text of docstrings, comments and messages; True marks a docstring.

    In tests, strings other than docstrings are input and expected output, not messages, and are
    left out. Comments with quotation marks quote specifications, and are left out, too.
    """
    nodes = list(ast.walk(ast.parse(source)))
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            is_docstring = id(node) in docstrings
            if is_docstring or not is_test:
                yield node.lineno, node.value, is_docstring
    if SUSPECT_COMMENT.search(source):  # to read tokens takes most of the time
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT and '"' not in token.string:
                yield token.start[0], token.string, False


def _faults(source: str, *, is_test: bool = False) -> Iterator[str]:
    """Yield each phrase to avoid in a source text, with its line number."""
    if not SUSPECT.search(source):
        return
    for line, text, is_docstring in _texts(source, is_test=is_test):
        if is_docstring and HEADLESS.match(text):
            yield f"{line}: name the subject: {text[:60]!r}"
        for name, pattern in AVOIDED.items():
            if found := re.search(pattern, text):
                start = max(found.start() - 30, 0)
                yield f"{line}: avoid {name!r}: {text[start : start + 70]!r}"


def _faults_by_file() -> Iterator[str]:
    """Yield each phrase to avoid in the package and its unit tests, with file and line."""
    for file in [*ROOT.glob("pytest_indexcache/**/*.py"), *ROOT.glob("tests/unit/**/*.py")]:
        path = file.relative_to(ROOT)
        source = file.read_text(encoding="utf-8")
        if file != Path(__file__):
            for fault in _faults(source, is_test=path.parts[0] == "tests"):
                yield f"{path}:{fault}"


def test_files_use_plain_phrases() -> None:
    """No docstring, comment or message contains a phrase to avoid."""
    assert list(_faults_by_file()) == []


@pytest.mark.parametrize(
    "source",
    [
        '"""Return what runs hooks."""',
        '"""What runs hooks."""',
        '"""Whoever asks gets nothing."""',
        '"""Return a file.\n\n    The folder shall be empty.\n    """',
        "x = 1  # nothing comes of it",
        'x = f"{file} is no TOML"',
        'x = f"{file}: the version is none"',
        'x = "the index has not the project"',
        "x = 1  # these releases are passed by",
    ],
)
def test_check_finds_phrases_to_avoid(source: str) -> None:
    """The check finds a phrase to avoid in a docstring, a comment and a message."""
    assert len(list(_faults(source))) == 1


@pytest.mark.parametrize(
    "source",
    [
        '"""Return the files, or None if there is none."""',
        '"""Return whether it is no longer there."""',
        'x = 1  # RFC 9111: "the field is no directive"',
    ],
)
def test_check_accepts_plain_phrases_and_quotations(source: str) -> None:
    """Plain phrases that resemble one to avoid are accepted, and so are quotations in comments."""
    assert list(_faults(source)) == []
