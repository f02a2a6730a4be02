"""Prepare a real lockfile for a scenario, with placeholders for hashes and sizes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from pytest_indexcache.drafts.words.names import project_name

_ENTRY: Final = re.compile(
    r"""(?P<place>(?:url|file|name|filename)\s*=\s*"(?:[^"]*/)?(?P<name>[^"/]+?\.(?:whl|tar\.gz|zip))")"""
    r"""(?P<middle>[^}\n]*?hash(?:es)?\s*=\s*(?:\{\s*sha256\s*=\s*)?")(?P<prefix>sha256:)?"""
    r"""(?P<hash>[0-9a-f]{64})"(?P<size>,\s*size\s*=\s*[0-9]+)?"""
)
_INDEX: Final = re.compile(r'\b(?:registry|index)\s*=\s*"(?P<url>https?://[^"]+)"')
_FILE: Final = re.compile(r"https?://[^\s\"'<>#?\\]+\.(?:whl|tar\.gz|zip)(?![\w.-])")
_REFERENCE: Final = re.compile(r'(?<=^reference = ")[^"\n]+(?="$)', re.MULTILINE)
_OWN_SOURCE: Final = re.compile(r'source = \{ editable = "\." \}')
_UPLOADED: Final = re.compile(r',\s*upload-time\s*=\s*"[^"]*"')


def locked_files(text: str) -> Iterator[tuple[str, str]]:
    """Yield the index URL and the file URL of each file in a lockfile or similar text.

    The index URL is empty if the text does not contain it, as in ``pdm.lock``.
    """
    index = ""
    for line in text.splitlines():
        if line.startswith("[[package"):
            index = ""
        found = _INDEX.search(line)
        index = found["url"] if found is not None else index
        yield from ((index, file[0]) for file in _FILE.finditer(line))


def with_sources(text: str, names: Mapping[str, str]) -> str:
    """Return a Poetry lockfile in which the package sources have new names."""

    def renamed(found: re.Match[str]) -> str:
        return names.get(project_name(found[0]), found[0])

    return _REFERENCE.sub(renamed, text)


def own_lockfile(text: str) -> str:
    """Return a uv lockfile in which the project is a ``virtual`` source, which is not built."""
    return _OWN_SOURCE.sub('source = { virtual = "." }', text)


def placed_lockfile(text: str, asked: Collection[str]) -> str:
    """Return a lockfile with placeholders for the hashes and sizes of requested files.

    If any file of a release was requested, the other files of that release are removed.
    """
    lines = []
    for line in text.splitlines():
        found = _ENTRY.search(line)
        if found is None or found["name"] in asked:
            lines.append(_ENTRY.sub(_placed, line) if found else line)
        else:
            lines.append(f"\0{line}")
    return "\n".join(_without_others(lines)) + "\n"


def _placed(found: re.Match[str]) -> str:
    name = found["name"]
    size = f", size = ${{size:{name}}}" if found["size"] else ""
    return f'{found["place"]}{found["middle"]}{found["prefix"] or ""}${{sha256:{name}}}"{size}'


def _without_others(lines: list[str]) -> list[str]:
    """Remove the lines of unrequested files from each list that also contains requested files.

    Lines of unrequested files begin with a null character.
    """
    kept: list[str] = []
    block: list[str] = []
    for line in [*lines, "]"]:
        if line.startswith("\0") or (block and "${sha256:" in line):
            block.append(line)
            continue
        if "${sha256:" in line and line.lstrip().startswith("{"):
            block.append(line)
            continue
        has_asked = any(not each.startswith("\0") for each in block)
        kept += [each.lstrip("\0") for each in block if not each.startswith("\0") or not has_asked]
        block = []
        kept.append(line)
    return kept[:-1]
