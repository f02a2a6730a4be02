"""Scenarios about lockfiles, each with an expectation that holds and one that fails."""

from __future__ import annotations

from .expectations import Expected
from .small_pypi import PYPI

_LOCKED_TWICE = f"""{PYPI}
[project]
dependencies = ["idna>=3.10,<4"]
[[steps]]
do = "lock"
[[steps]]
do = "publish"
index = "pypi"
project = "idna"
version = "3.12"
[[steps]]
do = "lock"
upgrade = ["idna"]
"""
_REPLACED = f"""{PYPI}
[project]
dependencies = ["six"]
[[steps]]
do = "lock"
[[steps]]
do = "replace"
index = "pypi"
project = "six"
version = "1.17.0"
[[steps]]
do = "lock"
"""
_NEVER_FRESH = '\nheaders = { profile = "pypi", pages = { cache-control = "no-cache" } }\n'
_COMPILED = f"""{PYPI}
[[steps]]
do = "compile"
requirements = ["yarl"]
hashes = true
"""

_URL = (
    "https://files.pythonhosted.org/packages/26/16/"
    "0e070f7c203558a0b646086a113e9939fd1630ce99deda6f7a3726d70064/six-1.17.0-py3-none-any.whl"
)
"""The URL at which the PyPI layout serves the original file; it contains the file's digest."""

LOCKFILES = {
    "lockfile": Expected(
        _LOCKED_TWICE.replace('/simple"\n', f'/simple"{_NEVER_FRESH}', 1),
        'lockfile = "changed"',
        'lockfile = "unchanged"',
        key="lockfile",
        seen="changed",
        cause='- version = "3.11", + version = "3.12"',
    ),
    "lockfile that an upgrade leaves": Expected(
        f"{_LOCKED_TWICE}offline = true\n",
        'lockfile = "unchanged"',
        'lockfile = "changed"',
        key="lockfile",
        seen="unchanged",
        cause="step 2 published idna 3.12 on index pypi; step 3, with upgrade, left the lockfile",
    ),
    "files": Expected(
        _REPLACED,
        'locked.six.files = ["six-1.17.0-py3-none-any.whl"]',
        'locked.six.files = ["idna*.whl"]',
        key="locked.six.files",
        seen="six-1.17.0-py3-none-any.whl",
        cause="(six with the files six-1.17.0-py3-none-any.whl)",
    ),
    "urls": Expected(
        _REPLACED,
        'locked.six.urls = ["https://files.pythonhosted.org/*/six-1.17.0-py3-none-any.whl"]',
        'locked.six.urls = ["https://pypi.org/*"]',
        key="locked.six.urls",
        seen=_URL,
        cause="(six with files at https://files.pythonhosted.org/",
    ),
    "algorithms of hashes": Expected(
        _REPLACED,
        'locked.six.hashes = ["sha256"]',
        'locked.six.hashes = ["sha512"]',
        key="locked.six.hashes",
        seen="sha256",
        cause="six with the hashes sha256",
    ),
    "hashes that are offered": Expected(
        f"{_REPLACED}refresh = true\nupgrade = true\n",
        'locked.six.hashes = "offered"',
        'locked.six.hashes = ["md5"]',
        key="locked.six.hashes",
        seen="sha256",
        cause="step 2 replaced six 1.17.0",
    ),
    "requirements file": Expected(
        _COMPILED,
        'locked = { idna = { version = "3.11", hashes = "offered" } }',
        'locked = { idna = "3.10" }',
        key="locked.idna.version",
        seen="3.11",
        cause="has idna 3.11",
    ),
}
