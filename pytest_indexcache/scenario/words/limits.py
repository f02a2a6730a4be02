"""Limits for scenarios: about ten times what known bug reports need, and safe on any machine."""

from __future__ import annotations

from typing import Final

MEBIBYTE: Final = 1024**2

FILE_BYTES: Final = 5 * MEBIBYTE
VALUES: Final = 100_000
INTEGER_BITS: Final = 64
TEXT: Final = 4000
NAME: Final = 200
TAGS: Final = 40
VERSION: Final = 500
RANGE: Final = 1000
FILENAME: Final = 1000
FOLDERS: Final = 20
DEEP_FOLDERS: Final = 2
STEPS: Final = 500
AT_ONCE: Final = 16
INSTALLERS: Final = 20
WAIT: Final = 3.0
WAITS: Final = 10.0
INDEXES: Final = 100
PROJECTS: Final = 2000
RELEASES: Final = 20_000
FILES: Final = 20_000
PADDING: Final = 1024 * MEBIBYTE
OWN_FILES: Final = 500
OWN_TEXT: Final = MEBIBYTE
FILLED: Final = 16 * MEBIBYTE
REPLACED: Final = 16 * MEBIBYTE
WORDS: Final = 1000
COMMAND: Final = 20_000
PATTERNS: Final = 500
MATCHES: Final = 2_000_000
WORK: Final = 120.0

LIMITS: Final = (
    ("the file of a scenario", f"{FILE_BYTES // MEBIBYTE} MiB"),
    ("keys and elements of arrays in it", f"{VALUES:,}"),
    ("an integer", f"{INTEGER_BITS} bits, as TOML has them"),
    ("another name, a path, a requirement, a URL, a title, a marker", f"{TEXT:,} characters"),
    ("the name of a project, a folder or a file of the workspace", f"{NAME} characters"),
    ("a version", f"{VERSION} characters"),
    ('versions of a range such as `"1.0 … 1.40"`', f"{RANGE:,}"),
    ("the name of a wheel or an sdist", f"{FILENAME:,} characters; file systems take 255"),
    ("tags that the `tag` of a wheel stands for", f"{TAGS}"),
    ("parts of a pattern of `entries`", f"{FOLDERS}, of which {DEEP_FOLDERS} may be `**`"),
    ("`steps`, those that begin together included", f"{STEPS:,}"),
    ("steps that begin together, by `together` and `times`", f"{AT_ONCE}"),
    ("releases of the installer that steps name", f"{INSTALLERS}"),
    ("`wait` of a step", f"{WAIT:g} seconds"),
    ("`wait` of all steps", f"{WAITS:g} seconds"),
    ("`indexes`", f"{INDEXES:,}"),
    ("projects of all indexes, at the start", f"{PROJECTS:,}"),
    ("releases of all indexes, published ones included", f"{RELEASES:,}"),
    ("files of all releases, published and replaced ones included", f"{FILES:,}"),
    ("padding and contents of all files", f"{PADDING // MEBIBYTE // 1024} GiB"),
    (
        "`files`, `project-files`, `local-files` and `local-projects`, those of edits included, "
        "and texts of `replace-text`",
        f"{OWN_FILES:,}",
    ),
    (
        "the text of one of `files` or `project-files`, its placeholders filled in",
        f"{OWN_TEXT:,} characters",
    ),
    (
        "the texts of all `files` and `project-files` that have placeholders, filled in",
        f"{FILLED:,} characters",
    ),
    ("the texts of all files that `replace-text` changes", f"{REPLACED:,} characters"),
    ("a command line", f"{WORDS:,} words and {COMMAND:,} characters"),
    (
        "patterns, `venv-files`, `fields` and texts of `output` in all expectations",
        f"{PATTERNS:,}",
    ),
    (
        "different patterns of `downloads`, `revalidated`, `bytes`, `cached`, `absent` and "
        "`locked`, times the files of all releases",
        f"{MATCHES:,}",
    ),
    ("the harness's own work for a step, checks and causes included", f"{WORK:g} seconds"),
)
"""The limits as shown in the docs: pairs of a description and a value."""


def bounded(text: str, most: int = TEXT) -> str:
    """Return the string unchanged unless it is too long.

    :raises ValueError: if it has more than ``most`` characters
    """
    if len(text) > most:
        raise ValueError(f"the value has {len(text):,} characters; at most {most:,} are allowed")
    return text
