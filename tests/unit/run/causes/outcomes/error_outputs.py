"""Outputs of installers that end with an error, with the text of that error."""

from __future__ import annotations

import pytest

UV = [
    pytest.param(
        """\
        error: error sending request for url (https://pypi.org/simple/foo/): connection error: reset
          Caused by: connection error: reset
          Caused by: reset
        """,
        "error sending request for url (https://pypi.org/simple/foo/): connection error: reset",
        id="0.1.15-causes-that-are-said-twice",
    ),
    pytest.param(
        """\
        Resolved 1 package in 8ms
        error: Failed to download distributions
          Caused by: Failed to fetch wheel: foo==1.0
          Caused by: HTTP status client error (403 Forbidden) for url (https://a.example/foo.whl)
        """,
        "Failed to download distributions: Failed to fetch wheel: foo==1.0: "
        "HTTP status client error (403 Forbidden) for url (https://a.example/foo.whl)",
        id="0.1.15-caused-by",
    ),
    pytest.param(
        """\
          × No solution found when resolving dependencies:
          ╰─▶ Because foo was not found in the cache and you require foo, we can
              conclude that your requirements are unsatisfiable.

              hint: Packages were unavailable because the network was disabled. When
              the network is disabled, registry packages may only be read from the
              cache.
        """,
        "No solution found when resolving dependencies: Because foo was not found in the cache "
        "and you require foo, we can conclude that your requirements are unsatisfiable.",
        id="0.4.30-box-with-hint",
    ),
    pytest.param(
        """\
        Using CPython 3.11.7 interpreter at: /usr/bin/python3.11
        Creating virtual environment at: .venv
        Resolved 2 packages in 2ms
          × Failed to download `foo==1.0`
          ├─▶ Failed to extract archive: foo-1.0-py3-none-any.whl
          ╰─▶ Bad CRC (got bce5d37d, expected 431a2c82) for file: foo.py
          help: `foo` (v1.0) was included because `project` (v0.1.0) depends on `foo`
        """,
        "Failed to download `foo==1.0`: Failed to extract archive: foo-1.0-py3-none-any.whl: "
        "Bad CRC (got bce5d37d, expected 431a2c82) for file: foo.py",
        id="0.8.13-box-of-several",
    ),
    pytest.param(
        """\
          × Failed to build `loc @ file:///home/u/loc`
          ├─▶ The build backend returned an error
          ╰─▶ Call to `nope.build_wheel` failed (exit status: 1)

              [stderr]
              Traceback (most recent call last):
                File "<string>", line 8, in <module>
              ModuleNotFoundError: No module named 'nope'

              hint: This usually indicates a problem with the package or the build environment.
        """,
        "Failed to build `loc @ file:///home/u/loc`: The build backend returned an error: "
        "Call to `nope.build_wheel` failed (exit status: 1) "
        "[stderr] ModuleNotFoundError: No module named 'nope'",
        id="0.8.13-build-without-frames",
    ),
    pytest.param(
        """\
        Resolved 1 package in 40ms
        error: Failed to download `foo==1.0`
          cause: Hash mismatch for `foo==1.0`

                 Expected:
                   sha256:0314

                 Computed:
                   sha256:e40a

        hint: `foo` (v1.0) was included because `project` (v0.1.0) depends on `foo`
        """,
        "Failed to download `foo==1.0`: Hash mismatch for `foo==1.0` "
        "Expected: sha256:0314 Computed: sha256:e40a",
        id="0.13.9-hash",
    ),
    pytest.param(
        """\
        error: Hash mismatch for package metadata at
               `https://a.example/foo-1.0-py3-none-any.whl.metadata`

        Expected:
          sha256:790c

        Computed:
          sha256:0b7a
        """,
        "Hash mismatch for package metadata at "
        "`https://a.example/foo-1.0-py3-none-any.whl.metadata` "
        "Expected: sha256:790c Computed: sha256:0b7a",
        id="0.13.9-wrapped",
    ),
    pytest.param(
        """\
        warning: No `requires-python` value found in the workspace. Defaulting to `>=3.11`.
        error: No solution found when resolving dependencies
          cause: Because only foo==1.0 is available and all versions of bar depend on foo>=2, we
                 can conclude that all versions of bar cannot be used.
                 And because you require bar, your requirements are unsatisfiable.
        """,
        "No solution found when resolving dependencies: Because only foo==1.0 is available and "
        "all versions of bar depend on foo>=2, we can conclude that all versions of bar cannot be "
        "used. And because you require bar, your requirements are unsatisfiable.",
        id="0.13.9-no-solution",
    ),
    pytest.param(
        """\
        Resolved 3 packages in 31ms
        error: The lockfile at `uv.lock` needs to be updated, but `--locked` was provided.

        hint: To update the lockfile, run `uv lock`.
        """,
        "The lockfile at `uv.lock` needs to be updated, but `--locked` was provided.",
        id="0.13.9-locked",
    ),
]

PIP = [
    pytest.param(
        """\
        Collecting bar
          Downloading bar-1.0-py3-none-any.whl.metadata (67 bytes)
        ERROR: Could not find a version that satisfies the requirement foo>=2 (from versions: 1.0)
        ERROR: No matching distribution found for foo>=2
        """,
        "Could not find a version that satisfies the requirement foo>=2 (from versions: 1.0); "
        "No matching distribution found for foo>=2",
        id="26.3-two-errors",
    ),
    pytest.param(
        """\
        Downloading foo-1.0-py3-none-any.whl (903 bytes)
        ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have \
updated the package versions, please update the hashes. Otherwise, examine the package contents \
carefully; someone may have tampered with them.
            unknown package:
                Expected sha256 0314
                     Got        e40a
        """,
        "THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. "
        "unknown package: Expected sha256 0314 Got e40a",
        id="26.3-hash",
    ),
    pytest.param(
        """\
        Installing collected packages: foo
        ERROR: Exception:
        Traceback (most recent call last):
          File "/lib/pip/_internal/cli/base_command.py", line 110, in _run_wrapper
            status = _inner_run()
                     ^^^^^^^^^^^^
          File "/lib/zipfile.py", line 973, in _update_crc
            raise BadZipFile("Bad CRC-32 for file %r" % self.name)
        zipfile.BadZipFile: Bad CRC-32 for file 'foo.py'
        """,
        "zipfile.BadZipFile: Bad CRC-32 for file 'foo.py'",
        id="26.3-traceback",
    ),
    pytest.param(
        """\
        WARNING: Connection interrupted while downloading.
        error: incomplete-download

        × Download failed after 6 attempts because not enough bytes were received (60 bytes/903)
        ╰─> URL: https://a.example/foo-1.0-py3-none-any.whl

        note: This is an issue with network connectivity, not pip.
        hint: Use --resume-retries to configure resume attempt limit.
        """,
        "Download failed after 6 attempts because not enough bytes were received (60 bytes/903): "
        "URL: https://a.example/foo-1.0-py3-none-any.whl",
        id="26.3-box",
    ),
    pytest.param(
        """\
        WARNING: Retrying (Retry(total=0)) after connection broken by 'OSError()': /simple/foo/
        ERROR: Could not find a version that satisfies the requirement foo (from versions: none)
        """,
        "Could not find a version that satisfies the requirement foo (from versions: none)",
        id="26.3-without-warnings",
    ),
]

POETRY = [
    pytest.param(
        """\
        Updating dependencies
        Resolving dependencies...

        Because no versions of bar match !=1.0
         and bar (1.0) depends on foo (>=2), every version of bar requires foo (>=2).
        So, because no versions of foo match >=2
         and project depends on bar (*), version solving failed.
        """,
        "Because no versions of bar match !=1.0 and bar (1.0) depends on foo (>=2), every version "
        "of bar requires foo (>=2). So, because no versions of foo match >=2 and project depends "
        "on bar (*), version solving failed.",
        id="2.5.1-no-solution",
    ),
    pytest.param(
        """\
        Installing dependencies from lock file

        Package operations: 1 install, 0 updates, 0 removals

          - Installing foo (1.0)

          HTTPError

          403 Client Error: Forbidden for url: https://a.example/foo-1.0-py3-none-any.whl

          at /lib/requests/models.py:1167 in raise_for_status
              1163│                 f"{self.status_code} Server Error: {reason} for url"
            → 1167│             raise HTTPError(http_error_msg, response=self)

        Cannot install foo.
        """,
        "HTTPError: 403 Client Error: Forbidden for url: "
        "https://a.example/foo-1.0-py3-none-any.whl",
        id="2.5.1-exception",
    ),
    pytest.param(
        """\
        Package operations: 1 install, 0 updates, 0 removals

          - Installing foo (1.0)

            | Downloaded distributions for foo (1.0) did not match any known checksums in your \
lock file.
            |
            | Causes:
            |   - invalid or corrupt cache either during locking or installation
            |
            | You can also run your poetry command with -v to see more information.
        """,
        "Downloaded distributions for foo (1.0) did not match any known checksums in your lock "
        "file.",
        id="2.5.1-hash",
    ),
    pytest.param(
        """\
        Error: pyproject.toml changed significantly since poetry.lock was last generated.
        """,
        "pyproject.toml changed significantly since poetry.lock was last generated.",
        id="2.5.1-locked",
    ),
]

PDM = [
    pytest.param(
        """\
        INFO: Virtualenv /home/u/.venv is reused.
        STATUS: Resolving packages from lockfile...

          ✖ Install foo 1.0 failed

        ERRORS:
        add foo failed:
        Traceback (most recent call last):
          File "/lib/pdm/installers/synchronizers.py", line 39, in
        install_candidate
            self.manager.install(can)
        httpcore2.RemoteProtocolError: Server disconnected.

        The above exception was the direct cause of the following exception:

        Traceback (most recent call last):
          File "/lib/pdm/models/candidates.py", line 453, in _obtain
            raise CandidateNotFound(
        pdm.exceptions.CandidateNotFound: No candidate is found for `foo` that matches the hashes

          0:00:00 ✖ Some package operations failed. 1/1
        See /home/u/pdm-install-qr3qdxmj.log for detailed debug log.
        [InstallationError]: Some package operations failed.
        WARNING: Add '-v' to see the detailed traceback
        """,
        "add foo failed: pdm.exceptions.CandidateNotFound: "
        "No candidate is found for `foo` that matches the hashes",
        id="2.29.4-operation",
    ),
    pytest.param(
        """\
        ERROR: Unable to find a resolution for foo
        Please make sure the package name is correct.
          0:00:00 🔒 Lock failed.
        See /home/u/pdm-lock-vnlhn2gd.log for detailed debug log.
        [ResolutionError]: Unable to find a resolution
        WARNING: Add '-v' to see the detailed traceback
        """,
        "Unable to find a resolution for foo",
        id="2.29.4-resolution",
    ),
    pytest.param(
        """\
        See /home/u/pdm-lock-aufhge0.log for detailed debug log.
        [RemoteProtocolError]: peer closed connection without sending complete message body
        WARNING: Add '-v' to see the detailed traceback
        """,
        "peer closed connection without sending complete message body",
        id="2.29.4-class",
    ),
    pytest.param(
        """\
        WARNING: Lockfile doesn't satisfy the project requirements, packages may be outdated
        """,
        "Lockfile doesn't satisfy the project requirements, packages may be outdated",
        id="2.29.4-check-of-the-lockfile",
    ),
]
