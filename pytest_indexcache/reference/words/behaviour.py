"""Deviations: reported bugs that the reference installer can be made to have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The bugs of the reference installer; by default it has none.

    Each flag is one deviation; the comment above it says where it is applied. ``issue`` is the
    report of a real installer with this bug, None if the deviation only proves a scenario.
    """

    description: str = field(default="behaves as the specifications say", compare=False)
    issue: str | None = field(default=None, compare=False)
    # fetch/download, index/index_pages: if a response says no-store, nothing of it is kept or
    # recorded
    obey_no_store: bool = False
    # fetch/download: no wheel is kept for the next run, whatever the response permits
    keep_no_wheel: bool = False
    # install/plan: an installed 2.9.0+cpu satisfies a pin to 2.9.0
    ignore_local_version: bool = False
    # install/plan: where an installed distribution came from is not compared
    ignore_origin: bool = False
    # index/client_variants, fetch/download: an index's override replaces the Cache-Control of the
    # request, not the response
    override_on_request: bool = False
    # index/client_variants: the override of any index is applied to the responses of all
    override_everywhere: bool = False
    # commands/cache_commands: clear-cache leaves the entries behind
    keep_after_clear: bool = False
    # commands/cache_commands: a prune removes everything that is stored
    prune_everything: bool = False
    # commands/session, build/building: a wheel that was built for one Python is taken for another
    share_built_wheels: bool = False
    # commands/requirement_commands: installed distributions are ignored, so indexes are asked
    ignore_installed: bool = False
    # commands/requirement_commands: hashes of requirements files are ignored
    ignore_required_hashes: bool = False
    # index/client_variants: a 403 for a page of any index ends the search
    fail_at_403: bool = False
    # fetch/download: the former file of a URL is reused, even if its page names another hash now
    trust_urls: bool = False
    # fetch/download: any stored wheel of the release is taken for the one that was resolved
    prefer_stored: bool = False
    # commands/command: the environment is emptied before the resolution succeeded
    uninstall_first: bool = False
    # index/client_variants: a stored page of any age is reused without asking
    trust_stale_pages: bool = False
    # index/client_variants: a fresh response is reused although a refresh is demanded
    ignore_refresh: bool = False
    # index/client_variants, index/index_pages: offline, a stored response that is stale counts as
    # absent
    refuse_stale_offline: bool = False
    # fetch/download: a download is written to its final place before it is complete
    write_in_place: bool = False
    # fetch/download, resolve/metadata: received bytes are not compared with the hash that was
    # promised
    ignore_hash: bool = False
    # commands/session: files uploaded at exclude-newer or later are used nevertheless
    ignore_upload_time: bool = False
    # commands/session: pre-releases are used only if no other release fits
    ignore_prereleases: bool = False
    # index/client_variants: a stale response is asked for whole, without its validators
    forget_validators: bool = False
    # index/client_variants: a 304 without validator is not trusted: the whole is requested
    distrust_bare_304: bool = False
    # index/client_variants: Age and Date of a response are ignored, and a reused page is never
    # doubted
    ignore_age: bool = False
    # index/client_variants: a response without Date is an error
    need_date: bool = False
    # index/client_variants: links of a redirected page are resolved against the original URL
    ignore_redirects: bool = False
    # index/client_variants: each page is read as JSON, whatever its Content-Type
    assume_json: bool = False
    # index/client_variants: core metadata that is announced but missing is an error
    insist_on_metadata: bool = False
    # commands/project_commands: commands that change one project do not wait for each other
    share_projects: bool = False
    # commands/project_commands: an existing lockfile is never made again
    trust_lockfile: bool = False
    # lock/lockfile: URLs of indexes are compared with their password and final slash in
    # the project file
    compare_written_urls: bool = False
    # commands/project_commands: a lock that is made again takes the newest releases
    forget_versions: bool = False
    # index/finder: wheels are used for projects that must be built
    ignore_no_binary: bool = False
    # commands/project_commands: a lockfile is checked by resolving, not by its digest
    check_by_resolving: bool = False
    # commands/project_commands: an exclude-newer by age is stored as the time it means now
    age_becomes_moment: bool = False
    # fetch/download: a stored file is reused only for the same URL of the index, with its password
    store_by_index_url: bool = False
    # index/index_pages: the slash at the end of the URL of a flat index is left out
    drop_slash: bool = False
    # index/client_variants: an index that answers 401 or 403 does not have the project
    pass_over_refusals: bool = False
    # index/client_variants: only pages are asked for with the password in the URL of the index
    password_for_pages_alone: bool = False
    # index/finder: of two files that differ by the build tag, the lower one is used
    lowest_build_tag: bool = False
    # index/finder: a version is taken from the first index that lists it, even if no file fits
    first_index_of_version: bool = False
    # index/finder: releases with a local version are not taken
    ignore_local_releases: bool = False
    # commands/session: a file is requested only at the URL in the lockfile
    keep_locked_urls: bool = False
    # index/finder: a yanked file stays beside those of its release that are not yanked
    keep_yanked_files: bool = False
    # store/stored_files: a file of the wheel store that has changed is returned nevertheless
    trust_stored_files: bool = False
    # index/index_pages: the absence of a project from an index is remembered for ever
    remember_absence: bool = False
    # index/client_variants: an answer to a range request that is not a range is an error
    demand_ranges: bool = False
    # build/building: wheels that were built are not kept for the next run
    keep_no_build: bool = False
    # index/client_variants: HEAD decides whether a wheel is requested in parts, and its errors are
    # errors
    trust_head: bool = False
    # fetch/download, resolve/metadata: a wrong answer to a range is an error
    trust_ranges: bool = False
    # fetch/download, resolve/metadata, commands/requirement_commands: core metadata is fetched even
    # if it is not needed, and neither it nor the wheel it came in is kept
    separate_metadata: bool = False
    # resolve/metadata: a file of another index with the same name has the same core metadata
    share_metadata: bool = False
    # resolve/metadata: Requires-Python of core metadata is not read
    ignore_requires_python: bool = False
    # index/client_variants: no request is retried
    never_retry: bool = False
    # index/client_variants: each retry of a page is retried itself
    retry_retries: bool = False
    # commands/demand, index/finder: an index that is named twice is asked twice
    ask_index_twice: bool = False
    # commands/requirement_commands: no warning is given for files from the store
    warn_of_downloads: bool = False
    # install/unpacking: the checksums in a wheel's archive are not compared
    ignore_crc: bool = False
    # fetch/download: a partial download is requested from the start
    restart_downloads: bool = False
    # install/required_hashes: MD5 is accepted like other hashes
    accept_md5: bool = False
    # fetch/download: names of stored files have 20 more characters
    lengthen_names: bool = False


CORRECT: Final = Behaviour()
"""The reference installer without deviations."""

_UV_ISSUES: Final = "https://github.com/astral-sh/uv/issues"
_PIP_ISSUES: Final = "https://github.com/pypa/pip/issues"
_POETRY: Final = "https://github.com/python-poetry/poetry"

_DEVIATIONS: Final[Mapping[str, tuple[str, str | None]]] = {
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
        "takes the newest releases in each lock that is made anew",
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
        "asks for a file at the URL of the lockfile alone, although its signature has expired",
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
"""The description of each deviation, by its flag, and a report in which a real installer has it."""

VARIANTS: Final[Mapping[str, Behaviour]] = MappingProxyType(
    {
        name: Behaviour(description, issue, **{name.replace("-", "_"): True})
        for name, (description, issue) in _DEVIATIONS.items()
    }
)
"""Every deviating behaviour, by its name in ``reference:NAME``."""
