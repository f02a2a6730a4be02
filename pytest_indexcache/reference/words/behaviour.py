"""The bugs that the reference installer can reproduce; each has its own flag."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The bugs that the reference installer reproduces; none by default.

    Each flag turns on one bug; the comment above the flag names the code that reproduces it.
    ``issue`` is a report of the bug in a real installer, or None if the bug was invented to prove
    that a scenario detects it.
    """

    description: str = field(default="behaves as the specifications say", compare=False)
    issue: str | None = field(default=None, compare=False)
    # fetch/download_variants, index/index_pages: a response with no-store is neither stored nor
    # recorded
    obey_no_store: bool = False
    # fetch/download_variants: no wheel is kept for the next run, whatever the response permits
    keep_no_wheel: bool = False
    # install/plan: an installed 2.9.0+cpu satisfies a pin to 2.9.0
    ignore_local_version: bool = False
    # install/plan: the origin of an installed distribution is not compared
    ignore_origin: bool = False
    # index/client_variants, fetch/download_variants: an index's override replaces the
    # Cache-Control of the request, not the response
    override_on_request: bool = False
    # index/client_variants: the override of any index is applied to the responses of all
    override_everywhere: bool = False
    # commands/cache_commands: clear-cache does not remove entries
    keep_after_clear: bool = False
    # commands/cache_commands: a prune removes everything that is stored
    prune_everything: bool = False
    # commands/session, build/building: a wheel that was built for one Python is used for another
    share_built_wheels: bool = False
    # commands/requirement_commands: installed distributions are ignored, so pages are requested
    ignore_installed: bool = False
    # commands/requirement_commands: hashes in requirements files are ignored
    ignore_required_hashes: bool = False
    # index/client_variants: a 403 for a page of any index ends the search
    fail_at_403: bool = False
    # fetch/download_variants: the file that a URL had earlier is reused, even if the page now
    # lists another hash
    trust_urls: bool = False
    # fetch/download_variants: any stored wheel of the release is used in place of the resolved
    # one
    prefer_stored: bool = False
    # commands/command: the environment is emptied before the resolution succeeded
    uninstall_first: bool = False
    # index/client_variants: a stored page of any age is reused without a request
    trust_stale_pages: bool = False
    # index/client_variants: a fresh response is reused although a refresh is requested
    ignore_refresh: bool = False
    # index/client_variants, index/index_pages: offline, a stored response that is stale counts
    # as absent
    refuse_stale_offline: bool = False
    # fetch/download_variants: a download is written to its final place before it is complete
    write_in_place: bool = False
    # fetch/download_variants, resolve/metadata: received bytes are not compared with the
    # expected hash
    ignore_hash: bool = False
    # commands/session: files uploaded at exclude-newer or later are used nevertheless
    ignore_upload_time: bool = False
    # commands/session: pre-releases are used only if no other release fits
    ignore_prereleases: bool = False
    # index/client_variants: a stale response is requested again without its validators
    forget_validators: bool = False
    # index/client_variants: after a 304 without a validator, the whole response is requested
    distrust_bare_304: bool = False
    # index/client_variants: Age and Date of a response are ignored, and a reused page is not
    # requested again
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
    # commands/project_commands: an existing lockfile is always used, and never locked again
    trust_lockfile: bool = False
    # lock/lockfile: index URLs are compared including the password and the final slash in the
    # project file
    compare_written_urls: bool = False
    # commands/project_commands: locking again takes the newest releases
    forget_versions: bool = False
    # index/finder: wheels are used for projects that must be built
    ignore_no_binary: bool = False
    # commands/project_commands: a lockfile is checked by resolving, not by its digest
    check_by_resolving: bool = False
    # commands/project_commands: an exclude-newer given as an age is stored as a fixed time
    age_becomes_moment: bool = False
    # fetch/download_variants: a stored file is reused only for the same index URL, including
    # the password
    store_by_index_url: bool = False
    # index/index_pages: the slash at the end of the URL of a flat index is left out
    drop_slash: bool = False
    # index/client_variants: an index that answers 401 or 403 does not have the project
    pass_over_refusals: bool = False
    # index/client_variants: the password in an index's URL is sent only in requests for pages
    password_for_pages_alone: bool = False
    # index/finder: of two files that differ only in the build tag, the lower one is used
    lowest_build_tag: bool = False
    # index/finder: a version is taken from the first index that lists it, even if no file fits
    first_index_of_version: bool = False
    # index/finder: releases with a local version are not used
    ignore_local_releases: bool = False
    # commands/session: a file is requested only at the URL in the lockfile
    keep_locked_urls: bool = False
    # index/finder: a yanked file is kept even if its release has files that are not yanked
    keep_yanked_files: bool = False
    # store/stored_files: a file in the wheel store is returned even if it has changed
    trust_stored_files: bool = False
    # index/index_pages: the absence of a project from an index is remembered forever
    remember_absence: bool = False
    # index/client_variants: an answer to a range request that is not a range is an error
    demand_ranges: bool = False
    # build/building: wheels that were built are not kept for the next run
    keep_no_build: bool = False
    # index/client_variants: HEAD decides whether a wheel is requested in parts, and an error
    # status of the HEAD is an error
    trust_head: bool = False
    # fetch/download_variants, resolve/metadata: a wrong answer to a range is an error
    trust_ranges: bool = False
    # fetch/download_variants, resolve/metadata, commands/requirement_commands: core metadata is
    # fetched even if it is not needed, and neither it nor the wheel that contained it is kept
    separate_metadata: bool = False
    # resolve/metadata: files with the same name on two indexes share their core metadata
    share_metadata: bool = False
    # resolve/metadata: Requires-Python in core metadata is ignored
    ignore_requires_python: bool = False
    # index/client_variants: no request is retried
    never_retry: bool = False
    # index/client_variants: each retry of a page is retried itself
    retry_retries: bool = False
    # commands/demand, index/finder: an index that is named twice is searched twice
    ask_index_twice: bool = False
    # commands/requirement_commands: no warning is given for files from the store
    warn_of_downloads: bool = False
    # install/unpacking: the checksums in a wheel's archive are not compared
    ignore_crc: bool = False
    # fetch/download_variants: a partial download is restarted from the beginning
    restart_downloads: bool = False
    # install/required_hashes: MD5 is accepted like other hashes
    accept_md5: bool = False
    # fetch/download_variants: names of stored files are 20 characters longer
    lengthen_names: bool = False


CORRECT: Final = Behaviour()
"""The behaviour without any bugs."""
