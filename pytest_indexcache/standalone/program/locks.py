"""Compare lockfiles and compiled requirements with the expected entries."""

from __future__ import annotations

import fnmatch
import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pytest_indexcache.standalone.program.judging import CHECKS, READERS
from pytest_indexcache.standalone.program.venvs import normal

TOML: Any = importlib.import_module("tomllib") if sys.version_info >= (3, 11) else None
NO_TOML = "Python before 3.11 cannot read TOML: run the script with a later one"


def lock_problems(step: dict[str, Any], _: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each lockfile entry that is not as expected."""
    wanted = step.get("expect", {}).get("locked", {})
    if (
        wanted
        and TOML is None
        and any(lock.suffix in (".toml", ".lock") for lock in after["locks"])
    ):
        after["not_judged"].append(f"locked: {NO_TOML}")
        return
    index, locks = step.get("default_index", ""), after["locks"] if wanted else []
    packages = [package for path in locks for package in read_lock(path, index)]
    for project, wish in wanted.items():
        own = [package for package in packages if package["name"] == normal(project)]
        for part, value in wish.items():
            patterns, found = _part(part, value, own, step)
            matched = [
                [fnmatch.fnmatchcase(text, pattern) for text in found] for pattern in patterns
            ]
            is_met = all(map(any, matched)) and all(map(any, zip(*matched)))  # noqa: B905
            if not is_met or "none" in found or (found and not patterns):
                seen = ", ".join(sorted(found)) or ("none" if own else "not locked")
                wanted_text = ", ".join(patterns) or "none"
                yield f"locked.{project}.{part}: expected {wanted_text}, seen {seen}"


CHECKS.append(lock_problems)


def read_lock(path: Path, default_index: str = "") -> Iterator[dict[str, Any]]:
    """Yield the packages in any installer's lockfile, with name, version, index and files.

    ``default_index`` is the index of packages for which the lockfile names no source.
    """
    text = path.read_text(encoding="utf-8")
    if path.suffix not in (".toml", ".lock"):
        yield from _requirements(text)
        return
    if TOML is None:
        raise OSError(NO_TOML)
    document = TOML.loads(text)
    at_the_end = document.get("metadata", {}).get("files", {})
    for package in document.get("package") or document.get("packages") or ():
        if isinstance(package.get("extras"), list) and package["extras"]:
            continue  # pdm repeats a package for each set of extras
        name, version = package["name"], package.get("version")
        source = package.get("source", {})
        url = source.get("url") if source.get("type") == "legacy" else None
        listed = [*package.get("wheels", ()), *package.get("files", ())]
        listed += [package[kind] for kind in ("sdist", "archive") if kind in package]
        listed = listed or at_the_end.get(name) or at_the_end.get(f"{name} {version}") or []
        yield {
            "name": normal(name),
            "version": version,
            "index": package.get("index")
            or source.get("registry")
            or url
            or (None if source else default_index),
            "files": [_file(entry) for entry in listed],
        }


READERS["lock"] = read_lock


def _file(listed: dict[str, Any]) -> dict[str, Any]:
    hashes = [f"{name}:{digest}" for name, digest in listed.get("hashes", {}).items()]
    place = unquote(urlsplit(listed.get("url") or listed.get("path", "")).path)
    names = [listed[key] for key in ("name", "file", "filename") if key in listed]
    return {
        "name": names[0] if names else place.rpartition("/")[2],
        "url": _place(listed["url"]) if listed.get("url") else "none",
        "hashes": hashes + ([listed["hash"]] if listed.get("hash") else []),
    }


def _requirements(text: str) -> Iterator[dict[str, Any]]:
    for line in text.replace("\\\n", " ").splitlines():
        found = re.match(r"([A-Za-z0-9][\w.-]*)\s*(?:\[[^]]*\])?\s*(?:==\s*([\w.+!*-]+))?", line)
        if found:
            hashes = re.findall(r"--hash[= ](\S+)", line)
            files = [{"name": "", "url": "none", "hashes": [digest]} for digest in hashes]
            yield {
                "name": normal(found[1]),
                "version": found[2],
                "index": None,
                "files": files,
            }


def _part(
    part: str, value: Any, own: list[dict[str, Any]], step: dict[str, Any]
) -> tuple[list[str], set[str]]:
    """Return the expected patterns for one part of a project's entries, and the actual strings.

    ``part`` is a key such as ``version`` or ``files``, and ``own`` contains the entries.
    """
    files = [file for package in own for file in package["files"]]
    if part == "version":
        versions = [value] if isinstance(value, str) else value
        return _exact(versions), {package["version"] or "none" for package in own}
    if part == "index":
        return _exact([value]), {_place(package["index"] or "none").rstrip("/") for package in own}
    if part == "files":
        return list(value), {file["name"] for file in files}
    if part == "urls":
        return [re.sub(r"([?[])", r"[\1]", text) for text in value], {file["url"] for file in files}
    if isinstance(value, bool):
        have = [
            package["files"] and all(file["hashes"] for file in package["files"]) for package in own
        ]
        return ["yes" if value else "no"], {"yes" if has_hashes else "no" for has_hashes in have}
    wanted = [value] if isinstance(value, str) else list(value)
    return _exact(wanted), {
        digest for file in files for digest in _hashes(file, wanted, step["offered"])
    }


def _exact(texts: list[str]) -> list[str]:
    """Return patterns that match only the given texts."""
    return [re.sub(r"([*?[])", r"[\1]", text) for text in texts]


def _hashes(file: dict[str, Any], wanted: list[str], offered: dict[str, list[str]]) -> list[str]:
    """Return a file's hashes, or only their algorithms if ``wanted`` contains no digest.

    If ``wanted`` contains ``offered``, this word is returned for each hash that the index offers.
    """
    if not file["hashes"]:
        return [f"no hash of {file['name']}"]
    if "offered" in wanted:
        groups = [offered.get(file["name"], [])] if file["name"] else list(offered.values())
        known = {text for group in groups for text in group}
        return ["offered" if digest in known else digest for digest in file["hashes"]]
    is_whole = any(":" in digest for digest in wanted)
    return [digest if is_whole else digest.partition(":")[0] for digest in file["hashes"]]


def _place(url: str) -> str:
    """Return a URL without user name and password."""
    return re.sub(r"//[^/@]*@", "//", url)
