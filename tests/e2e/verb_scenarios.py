"""Scenarios that use every verb which a group of installers supports."""

from __future__ import annotations

PROJECT = """
title = "A project is locked, synced, run, added to, and synced into another venv"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
six."1.16.0" = {}
six."1.17.0" = {}
idna."3.10" = {}
idna."3.9" = {}
attrs."25.3.0" = {}
rich."14.0" = { requires = ["six"] }
[indexes.other]
url = "https://packages.example.com/simple"
[indexes.other.packages]
telemetry."1.0" = {}
[project]
requires-python = ">=3.11"
dependencies = ["rich"]
[project.optional-dependencies]
cli = ["attrs"]
[project.dependency-groups]
dev = ["idna<3.10"]
[[steps]]
do = "lock"
expect = { locked = { rich = "14.0", six = "1.17.0", idna = "3.9" }, installed-count = 0 }
[[steps]]
do = "sync"
frozen = true
expect = { added = { rich = "14.0", six = "1.17.0" } }
[[steps]]
do = "sync"
extras = ["cli"]
groups = ["dev"]
locked = true
expect = { added = { attrs = "25.3.0", idna = "3.9" } }
[[steps]]
do = "run"
import = ["rich"]
expect = { downloads = {}, removed = "REMOVED" }
[[steps]]
do = "sync"
expect = { downloads = {}, installed-count = 2 }
[[steps]]
do = "publish"
index = "pypi"
project = "six"
version = "1.18.0"
[[steps]]
do = "clear-cache"
[[steps]]
do = "sync"
upgrade = true
expect = { added = { six = "1.18.0" }, removed = { six = "1.17.0" } }
[[steps]]
do = "add"
requirements = ["telemetry"]
index = "other"
expect = { installed = { telemetry = "1.0" }, removed = {} }
[[steps]]
do = "remove"
projects = ["telemetry"]
expect = { removed = { telemetry = "1.0" } }
[[steps]]
do = "sync"
venv = "elsewhere"
expect = { added = { rich = "14.0", six = "1.18.0" } }
"""
"""Steps of a project; ``run`` removes projects that are no longer required, except with uv."""

VENV = """
title = "A venv is changed without a project"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
six."1.16.0" = {}
six."1.17.0" = {}
idna."3.10" = {}
rich."14.0" = { requires = ["six"] }
built."1.0" = { files = [{ kind = "sdist" }, { kind = "wheel" }] }
[indexes.flat]
url = "https://files.example.com/links.html"
flat = true
packages.telemetry."1.0" = {}
[indexes.locked]
url = "https://user.example.com/simple"
users = { ann = "p:ss/w@rd" }
packages.secret."1.0" = {}
[local-projects.mine]
path = "mine"
[[steps]]
do = "install"
requirements = ["rich"]
constraints = ["six<1.17"]
expect = { added = { rich = "14.0", six = "1.16.0" } }
[[steps]]
do = "install"
requirements = ["six"]
upgrade = true
expect = { added = { six = "1.17.0" } }
[[steps]]
do = "install"
requirements = ["six"]
reinstall = true
expect = { installed = { six = "1.17.0" } }
[[steps]]
do = "install"
requirements = ["telemetry"]
find-links = ["flat"]
expect = { added = { telemetry = "1.0" } }
[[steps]]
do = "install"
requirements = ["secret"]
extra-indexes = ["locked"]
expect = { added = { secret = "1.0" } }
[[steps]]
do = "install"
editable = ["mine"]
expect = { origin = { mine = "editable" } }
[[steps]]
do = "uninstall"
projects = ["mine"]
expect = { absent = ["mine"] }
[[steps]]
do = "install"
paths = ["mine"]
expect = { origin = { mine = "path" } }
[[steps]]
do = "install"
requirements = ["built"]
no-binary = ["built"]
expect = { builds = { built = 1 }, added = { built = "1.0" } }
[[steps]]
do = "install"
requirements = ["idna"]
venv = "elsewhere"
no-cache = true
no-deps = true
no-build = true
expect = { added = { idna = "3.10" } }
[[steps]]
do = "uninstall"
projects = ["idna"]
venv = "elsewhere"
expect = { removed = { idna = "3.10" } }
[[steps]]
do = "clear-cache"
expect = { installed-count = 6 }
"""

REQUIREMENTS = """
title = "Requirements are compiled and synced, the cache is pruned, another release goes on"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
six."1.16.0" = {}
six."1.17.0" = {}
rich."14.0" = { requires = ["six"] }
[[steps]]
do = "compile"
requirements = ["rich"]
hashes = true
[[steps]]
do = "sync-requirements"
require-hashes = true
refresh = ["six"]
expect = { added = { rich = "14.0", six = "1.17.0" } }
[[steps]]
do = "clear-cache"
projects = ["six"]
[[steps]]
do = "prune-cache"
ci = true
[[steps]]
do = "remove-venv"
[[steps]]
do = "sync-requirements"
release = "==0.9.4"
expect = { installed = { rich = "14.0", six = "1.17.0" } }
"""

CHECKED = """
title = "A lockfile is checked, and a sync leaves what the lockfile does not have"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
six."1.17.0" = {}
idna."3.10" = {}
[project]
requires-python = ">=3.11"
dependencies = ["six", "idna"]
[[steps]]
do = "lock"
locked = true
expect = { exit = "failure", requests = 0 }
[[steps]]
do = "sync"
[[steps]]
do = "lock"
locked = true
expect = { lockfile = "unchanged" }
[[steps]]
do = "edit"
project = { dependencies = ["six"] }
[[steps]]
do = "lock"
locked = true
expect = { exit = "failure", lockfile = "unchanged" }
[[steps]]
do = "sync"
inexact = true
expect = { removed = {}, installed-count = 2, lockfile = "changed" }
[[steps]]
do = "sync"
expect = { removed = { idna = "3.10" } }
"""

PIP_PROJECT = PROJECT.partition('[[steps]]\ndo = "add"')[0].replace("locked = true\n", "")
"""The steps of ``PROJECT`` that pip supports: no ``add``, ``remove`` or check of a lockfile."""

PIP_REQUIREMENTS = (
    REQUIREMENTS.partition('[[steps]]\ndo = "clear-cache"')[0].replace('refresh = ["six"]\n', "")
    + """
[[steps]]
do = "install"
requirements = ["idna"]
[[steps]]
do = "sync-requirements"
expect = { downloads = {}, added = {}, removed = { idna = "3.10" } }
"""
).replace('rich."14.0"', 'idna."3.10" = {}\nrich."14.0"')

PIP_OLD = """
title = "Requirements are compiled, and the project is installed without a lockfile"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
six."1.16.0" = {}
six."1.17.0" = {}
rich."14.0" = { requires = ["six"] }
[local-projects.mine]
path = "mine"
[project]
dependencies = ["rich", "mine"]
optional-dependencies = { old = ["six<1.17"] }
[sources]
mine = { path = "mine" }
[[steps]]
do = "compile"
requirements = ["rich"]
expect = { installed-count = 0 }
[[steps]]
do = "sync"
extras = ["old"]
expect = { added = { rich = "14.0", six = "1.16.0", mine = "0.1.0" }, origin = { mine = "path" } }
[[steps]]
do = "run"
import = ["rich", "mine"]
expect = { added = {}, removed = {} }
[[steps]]
do = "sync"
upgrade = true
expect = { added = { six = "1.17.0" }, removed = { six = "1.16.0" } }
"""

AS_PROJECT = """
title = "A venv is asked for requirements by an installer of projects"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
six."1.16.0" = {}
idna."3.10" = {}
rich."14.0" = { requires = ["six"] }
[indexes.locked]
url = "https://user.example.com/simple"
users = { ann = "p:ss/w@rd" }
packages.secret."1.0" = {}
[[steps]]
do = "install"
requirements = ["rich"]
expect = { added = { rich = "14.0", six = "1.16.0" } }
[[steps]]
do = "publish"
index = "pypi"
project = "six"
version = "1.17.0"
[[steps]]
do = "install"
requirements = ["rich"]
expect = { added = {}, downloads = {} }
[[steps]]
do = "install"
requirements = ["secret", "idna"]
extra-indexes = ["locked"]
expect = { added = { secret = "1.0", idna = "3.10" }, removed = {} }
[[steps]]
do = "uninstall"
projects = ["rich", "six"]
expect = { removed = { rich = "14.0", six = "1.16.0" } }
[[steps]]
do = "clear-cache"
[[steps]]
do = "install"
requirements = ["rich"]
venv = "elsewhere"
expect = { added = { rich = "14.0", six = "1.17.0" } }
"""

PINNED = """
title = "Overrides and constraints are locked"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
six."1.16.0" = {}
six."1.17.0" = {}
idna."3.9" = {}
idna."3.10" = {}
rich."14.0" = { requires = ["six>=1.17", "idna"] }
[project]
dependencies = ["rich"]
overrides = ["six==1.16.0"]
[[steps]]
do = "lock"
[steps.expect.locked]
six = { version = "1.16.0", hashes = true, index = "pypi" }
"""
