"""The variants of the reference installer, each of which has one bug."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pytest_indexcache.reference.words.behaviour import Behaviour

_UV_ISSUES: Final = "https://github.com/astral-sh/uv/issues"
_PIP_ISSUES: Final = "https://github.com/pypa/pip/issues"
_POETRY: Final = "https://github.com/python-poetry/poetry"

_BUGS: Final[Mapping[str, tuple[str, str | None]]] = {
    "obey-no-store": (
        "keeps no wheel and no record of an index whose response says no-store",
        f"{_UV_ISSUES}/15303",
    ),
    "keep-no-wheel": ("keeps no wheel for the next run, even if the response permits it", None),
    "ignore-local-version": (
        "keeps an installed 2.9.0+cpu where 2.9.0 is wanted",
        f"{_UV_ISSUES}/16368",
    ),
    "ignore-origin": (
        "keeps an installed distribution of the same version that came from elsewhere",
        f"{_UV_ISSUES}/16368",
    ),
    "override-on-request": (
        "puts an index's cache-control override on the request instead of the response",
        "https://github.com/astral-sh/uv/releases/tag/0.7.22",
    ),
    "override-everywhere": (
        "applies an index's cache-control override to the responses of every index",
        None,
    ),
    "keep-after-clear": (
        "leaves entries behind when its cache is cleared, so that nothing is downloaded again",
        None,
    ),
    "prune-everything": (
        "also removes files in use when its cache is pruned",
        f"{_UV_ISSUES}/13270",
    ),
    "share-built-wheels": (
        "takes a wheel that it built with one Python for every other",
        f"{_UV_ISSUES}/3599",
    ),
    "ignore-installed": (
        "resolves an install without looking at what is installed",
        "https://github.com/astral-sh/uv/pull/10097",
    ),
    "ignore-required-hashes": (
        "ignores the hashes in the requirements file",
        "https://github.com/astral-sh/uv/pull/9170",
    ),
    "fail-at-403": (
        "gives up if an index of PyTorch answers 403 for a project that it does not have",
        None,
    ),
    "trust-urls": (
        "reuses the stored file of a URL, although the page names another hash",
        None,
    ),
    "prefer-stored": (
        "takes any wheel of a release that it has stored or built for the one that was resolved",
        f"{_UV_ISSUES}/12273",
    ),
    "uninstall-first": (
        "empties the environment before it knows that the resolution succeeds",
        None,
    ),
    "trust-stale-pages": ("reuses a stored simple page for ever, without revalidating it", None),
    "ignore-refresh": ("reuses a fresh response, although a refresh is requested", None),
    "refuse-stale-offline": (
        "treats stale responses as absent when it works offline",
        None,
    ),
    "ignore-upload-time": ("uses files that were uploaded too late for exclude-newer", None),
    "ignore-prereleases": ("skips pre-releases although they are requested", None),
    "forget-validators": (
        "requests a stale page without its validators, and so receives all of it",
        None,
    ),
    "distrust-bare-304": (
        "requests the whole page after a 304 without a validator",
        f"{_UV_ISSUES}/1754",
    ),
    "ignore-age": (
        "ignores Age and Date when it computes the age of a response",
        None,
    ),
    "need-date": (
        "fails at a response without Date",
        "https://github.com/pdm-project/pdm/issues/3185",
    ),
    "ignore-redirects": (
        "reads the links of a page by the URL that redirected to it",
        f"{_UV_ISSUES}/1747",
    ),
    "assume-json": (
        "reads each page as JSON, because it asked for JSON",
        "https://github.com/notatallshaw/nab/pull/542",
    ),
    "insist-on-metadata": (
        "fails if announced core metadata is missing",
        "https://github.com/EpicWink/proxpi/issues/23",
    ),
    "share-projects": (
        "changes a project file that another command is changing at the same time",
        f"{_UV_ISSUES}/13883",
    ),
    "write-in-place": (
        "writes a download where others look for it, so that they find half of it",
        "https://github.com/python-poetry/poetry/issues/7154",
    ),
    "ignore-hash": ("accepts files with a wrong hash", None),
    "trust-lockfile": (
        "keeps the lockfile despite changes, upgrades and refreshes",
        f"{_UV_ISSUES}/11596",
    ),
    "compare-written-urls": (
        "says that the lockfile is out of date if an index has a password or a slash in its URL",
        f"{_UV_ISSUES}/16843",
    ),
    "forget-versions": (
        "takes the newest releases, not those of the lockfile, whenever it locks again",
        f"{_UV_ISSUES}/16436",
    ),
    "ignore-no-binary": (
        "takes wheels of projects that are to be built from their sdists",
        f"{_UV_ISSUES}/2154",
    ),
    "check-by-resolving": ("asks indexes to learn whether the lockfile is up to date", None),
    "age-becomes-moment": (
        "says that the lockfile is out of date because an exclude-newer by an age has moved",
        f"{_UV_ISSUES}/18708",
    ),
    "store-by-index-url": (
        "downloads a file again for another URL or another password of its index",
        f"{_UV_ISSUES}/14534",
    ),
    "drop-slash": (
        "asks for a flat index without the slash at the end of its URL",
        f"{_UV_ISSUES}/14367",
    ),
    "pass-over-refusals": (
        "asks the next index for a project that the first one refuses to show",
        "https://github.com/astral-sh/uv/pull/12805",
    ),
    "password-for-pages-alone": (
        "asks for the files of an index without the password with which it asks for pages",
        f"{_UV_ISSUES}/1860",
    ),
    "lowest-build-tag": (
        "takes the wheel with the lowest build tag",
        "https://github.com/astral-sh/uv/pull/9677",
    ),
    "first-index-of-version": (
        "takes a version from the first index that lists it, even if none of its files fits",
        "https://github.com/astral-sh/uv/pull/8961",
    ),
    "ignore-local-releases": (
        "takes no release with a local version, such as 2.1.0+cpu for 2.1.0",
        "https://github.com/astral-sh/uv/pull/8797",
    ),
    "keep-locked-urls": (
        "asks for a file only at the URL of the lockfile, although its signature has expired",
        f"{_UV_ISSUES}/10609",
    ),
    "keep-yanked-files": (
        "locks yanked files of a release beside those that are not yanked",
        f"{_UV_ISSUES}/21430",
    ),
    "trust-stored-files": (
        "uses a damaged file of its cache again and again",
        f"{_PIP_ISSUES}/3792",
    ),
    "remember-absence": (
        "remembers for ever that an index does not have a project",
        "https://github.com/notatallshaw/nab/pull/539",
    ),
    "demand-ranges": (
        "fails where an index answers a range with an error, or with the whole file",
        f"{_POETRY}/issues/9033",
    ),
    "keep-no-build": (
        "keeps no wheel that it built for the next run",
        f"{_PIP_ISSUES}/5037",
    ),
    "trust-head": (
        "asks by HEAD whether an index answers ranges, and fails if HEAD is refused",
        f"{_UV_ISSUES}/18998",
    ),
    "trust-ranges": (
        "ends with an error where an index answers ranges wrongly",
        f"{_UV_ISSUES}/18316",
    ),
    "separate-metadata": (
        "fetches core metadata that nothing needs, and keeps neither it nor the wheel it came in",
        "https://github.com/astral-sh/uv/pull/7127",
    ),
    "share-metadata": (
        "takes the core metadata of one index for the file of another with the same name",
        f"{_UV_ISSUES}/17732",
    ),
    "ignore-requires-python": (
        "does not read Requires-Python in core metadata",
        "https://github.com/astral-sh/uv/pull/13086",
    ),
    "never-retry": (
        "does not retry a request that breaks off",
        f"{_UV_ISSUES}/9213",
    ),
    "retry-retries": (
        "retries each retry of a page that is answered with an error",
        "https://github.com/astral-sh/uv/pull/17104",
    ),
    "ask-index-twice": (
        "asks an index twice that is named twice",
        "https://github.com/astral-sh/uv/pull/13205",
    ),
    "warn-of-downloads": (
        "warns of yanked releases only when they are downloaded",
        "https://github.com/astral-sh/uv/pull/3772",
    ),
    "ignore-crc": (
        "does not compare the checksums in the archive of a wheel",
        "https://github.com/astral-sh/uv/pull/12623",
    ),
    "restart-downloads": (
        "requests a whole file again after it broke off",
        f"{_UV_ISSUES}/16934",
    ),
    "accept-md5": (
        "accepts MD5 where hashes are required",
        "https://github.com/astral-sh/uv/pull/20758",
    ),
    "lengthen-names": (
        "stores files under names that are longer than their own",
        f"{_UV_ISSUES}/11738",
    ),
}
"""The bug in each variant, and a report of that bug in a real installer, if there is one."""

VARIANTS: Final[Mapping[str, Behaviour]] = MappingProxyType(
    {
        name: Behaviour(description, issue, **{name.replace("-", "_"): True})
        for name, (description, issue) in _BUGS.items()
    }
)
"""Maps each ``NAME`` in ``reference:NAME`` to the behaviour of that variant."""
