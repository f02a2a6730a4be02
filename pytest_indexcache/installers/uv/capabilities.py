"""Capabilities that are missing from some releases of uv (0.1.3 and later).

For each capability, the releases just before and after it appeared or disappeared were tested.
"""

from __future__ import annotations

from typing import Final

from pytest_indexcache.installers.commands.capabilities import (
    NEVER,
    Capabilities,
    Capability,
    since,
)

UV: Final[Capabilities] = {
    # 0.1.18 would need --native-tls, which 0.1.19 reverted.
    "SSL_CERT_FILE": Capability("0.1.3", gone="0.1.18", back="0.1.19"),
    # In earlier releases, these are experimental and cause a warning.
    "lock": since("0.3.0"),
    "sync": since("0.3.0"),
    "run": since("0.3.0"),
    "add": since("0.3.0"),
    "remove": since("0.3.0"),
    "tree": since("0.3.0"),
    # Earlier releases build and install the project itself, which needs a build backend.
    "sync --no-install-project": since("0.3.3"),
    "projects that are not built": since("0.4.0"),
    "init of projects that are not built": since("0.4.0"),
    "cache prune": since("0.1.24"),
    # Options of verbs.
    "UV_PROJECT_ENVIRONMENT": since("0.4.4"),
    "lock --reinstall": NEVER,
    "lock --no-deps": NEVER,
    "lock --python-platform": NEVER,
    "sync --no-deps": NEVER,
    "sync --python-platform": since("0.7.21"),
    "sync --group": since("0.4.27"),
    "run --no-deps": NEVER,
    "run --python-platform": since("0.8.15"),
    "run --group": since("0.4.27"),
    "add --no-deps": NEVER,
    "add --python-platform": NEVER,
    "add --group": since("0.4.27"),
    "add --index": since("0.4.23"),
    "remove --no-deps": NEVER,
    "remove --python-platform": NEVER,
    "remove --group": since("0.4.27"),
    "cache prune --ci": since("0.2.29"),
    "pip install PATH": since("0.1.24"),
    "pip install --config-setting": since("0.1.9"),
    "pip install of pylock.toml": since("0.6.15"),
    "pip install --index-strategy": since("0.1.29"),
    "pip install --require-hashes": since("0.1.32"),
    "pip install --python-platform": since("0.1.37"),
    "pip install --no-sources": since("0.2.34"),
    "pip sync --upgrade": NEVER,
    "pip sync --no-deps": NEVER,
    "pip sync --index-strategy": since("0.1.29"),
    "pip sync --require-hashes": since("0.1.32"),
    "pip sync --python-platform": since("0.1.37"),
    "pip sync --no-sources": since("0.2.34"),
    "pip compile --reinstall": NEVER,
    "pip compile --index-strategy": since("0.1.29"),
    "pip compile --python-platform": since("0.1.35"),
    "pip compile --no-binary": since("0.2.12"),
    "pip compile --no-sources": since("0.2.34"),
    "pip sync --exclude-newer": since("0.2.0"),
    "pip sync --prerelease": NEVER,
    "pip sync --resolution": NEVER,
    "exclude-newer by an age": since("0.9.17"),
    "--index-strategy unsafe-best-match": since("0.1.39"),
    # Pythons. uv 0.8.11 claims to need 3.8, but accepts 3.7.
    "support of Python 3.6": since("0.10.12"),
    # Variables of the environment.
    "UV_DEFAULT_INDEX": since("0.4.23"),
    "UV_INDEX": since("0.4.23"),
    # Settings of the project file.
    "environments of a project": since("0.3.0"),
    "required-environments of a project": since("0.6.1"),
    "exclude-newer of a project": since("0.2.12"),
    "prerelease of a project": since("0.2.12"),
    "resolution of a project": since("0.2.12"),
    # Earlier releases have this setting, but without symlinks.
    "link-mode of a project": since("0.2.27"),
    "dependency groups": since("0.4.27"),
    "conflicting extras": since("0.5.2"),
    "explicit indexes": since("0.4.23"),
    "flat indexes in [[tool.uv.index]]": since("0.6.11"),
    "override of an index's cache-control": since("0.7.22"),
    "index for one project": since("0.4.23"),
    "sources for one extra": since("0.5.3"),
    "sources for one group": since("0.5.3"),
    "sources for one marker": since("0.4.23"),
    "lists of sources for a project": since("0.4.23"),
}
"""The capabilities that are missing from some releases of uv."""
