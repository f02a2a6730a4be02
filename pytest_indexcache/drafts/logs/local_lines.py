"""Parse lines about projects that come from a folder or a version control repository."""

from __future__ import annotations

import re
from typing import Final

from pytest_indexcache.drafts.logs.events import LogEvent
from pytest_indexcache.drafts.words.names import named_file, project_name

_NAME: Final = r"(?<![\w./@:+-])(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?)"
_EXTRAS: Final = r"(?:\[[^\]]{0,200}\])?"
_SCHEMES: Final = ("file:", "git+", "hg+", "svn+", "bzr+", "ssh:")
_PLACE: Final = rf"(?P<place>(?:{'|'.join(map(re.escape, _SCHEMES))})[^\s)`'\"]*)"
_AT: Final = re.compile(rf"{_NAME}{_EXTRAS} ?@ ?{_PLACE}")
_FROM: Final = re.compile(rf"{_NAME}{_EXTRAS}==[^\s(]{{1,100}} \(?from {_PLACE}")
_FOLDER: Final = re.compile(
    r" *(?:Obtaining|Processing) (?P<place>(?:file:|/|~/|\.{1,2}[/\\]|[A-Za-z]:[/\\]|\.$)\S*)"
)
_ARCHIVES: Final = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz")


def read_local_line(message: str) -> tuple[LogEvent, ...]:
    """Return the local project in a line, or an empty tuple.

    The project's name is empty if pip prints only the folder.
    """
    if any(scheme in message for scheme in _SCHEMES):
        found = _AT.search(message) or _FROM.search(message)
        # A wheel in a folder of find-links is a release like those of an index.
        is_file = found is not None and found.re is _FROM and named_file(found["place"])
        if found and not is_file and (project := project_name(found["name"])):
            return (LogEvent("local", project),)
    folder = _FOLDER.match(message)
    if folder and not folder["place"].lower().endswith(_ARCHIVES):
        return (LogEvent("local"),)
    return ()
