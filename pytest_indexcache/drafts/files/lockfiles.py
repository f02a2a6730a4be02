"""Read the releases in uv.lock, poetry.lock, pdm.lock and pylock.toml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pytest_indexcache.drafts.words.names import is_version, named_file, project_name, public_url
from pytest_indexcache.drafts.words.requirements import readable_requirement

_LARGE: Final = 1 << 20
"""Files with fewer bytes than this have no ``size`` in a draft."""


@dataclass(frozen=True)
class LockedRelease:
    """A release in a lockfile.

    ``size`` is the size in bytes of its largest file, or 0 if it is small or unknown.
    """

    project: str
    version: str
    index_url: str = ""
    file_urls: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    size: int = 0


def is_lockfile(data: Mapping[str, Any]) -> bool:
    """Return whether parsed TOML is a lockfile."""
    return any(_tables(data.get(key)) for key in ("package", "packages"))


def read_lockfile(data: Mapping[str, Any]) -> tuple[LockedRelease, ...]:
    """Return the releases in a lockfile that come from an index."""
    entries = _tables(data.get("package")) or _tables(data.get("packages"))
    return tuple(release for entry in entries if (release := _release(entry)) is not None)


def _release(entry: Mapping[str, Any]) -> LockedRelease | None:
    project, version = project_name(str(entry.get("name", ""))), str(entry.get("version", ""))
    source = entry.get("source")
    registry = source.get("registry", source.get("url", "")) if isinstance(source, dict) else ""
    if not project or not is_version(version) or _is_elsewhere(entry, source):
        return None
    files = [*_tables(entry.get("wheels")), *_tables([entry.get("sdist")])]
    sizes = [size for file in files if isinstance(size := file.get("size"), int)]
    size = max(sizes, default=0)
    return LockedRelease(
        project,
        version,
        public_url(str(registry or entry.get("index", ""))),
        tuple(url for file in files if (url := public_url(str(file.get("url", ""))))),
        tuple(dict.fromkeys(_requires(entry.get("dependencies")))),
        size if size >= _LARGE else 0,
    )


def _is_elsewhere(entry: Mapping[str, Any], source: object) -> bool:
    """Return whether a release comes from a folder, a version control repository or a URL.

    For a release from an index, the result is false. The origin is shown by a key of ``source`` in
    uv.lock, by the ``type`` of ``source`` in poetry.lock, and by a key of the entry itself in
    pdm.lock and pylock.toml.
    """
    if {"directory", "vcs", "archive", "path", "git", "url"} & set(entry):
        return True
    if not isinstance(source, dict):
        return False
    kind = source.get("type", "")
    is_index = "registry" in source or ("url" in source and kind in ("legacy", "pypi", ""))
    is_file = "registry" not in source and bool(named_file(str(source.get("url", ""))))
    return not is_index or is_file


def _requires(value: object) -> Iterator[str]:
    """Yield the requirements of a release, which uv writes as tables and Poetry as one table.

    Other installers write them as strings.
    """
    if isinstance(value, dict):
        value = [{"name": name} for name in value]
    for entry in value if isinstance(value, list) else ():
        if isinstance(entry, str):
            text = entry
        elif isinstance(entry, dict):
            text = _of_table(entry)
        else:
            continue
        if requirement := readable_requirement(text):
            yield requirement


def _of_table(entry: Mapping[str, Any]) -> str:
    extras = entry.get("extra", ())
    names = [str(extra) for extra in extras] if isinstance(extras, list) else []
    extra = f"[{','.join(names)}]" if names else ""
    version = f"=={entry['version']}" if "version" in entry else ""
    marker = f"; {entry['marker']}" if "marker" in entry else ""
    return f"{entry.get('name', '')}{extra}{version}{marker}"


def _tables(value: object) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
