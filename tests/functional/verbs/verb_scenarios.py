"""Scenarios for each verb, by title."""

from __future__ import annotations

from .small_pypi import PYPI

_TOLD = {
    "remove": """
[project]
dependencies = ["yarl", "six"]
[[steps]]
do = "sync"
expect = { installed-count = 3 }
[[steps]]
do = "remove"
projects = ["yarl"]
expect = { removed = { yarl = "1.20.1", idna = "3.11" }, installed = { six = "1.17.0" } }
""",
    "add to a group": """
[project]
[[steps]]
do = "add"
requirements = ["yarl"]
group = "dev"
expect = { added = { yarl = "1.20.1", idna = "3.11" } }
[[steps]]
do = "sync"
expect = { removed = 2 }
[[steps]]
do = "sync"
groups = ["dev"]
expect = { added = 2, downloads = {} }
""",
    "reach an index by name and password": """
[indexes.private]
url = "https://private.example/simple"
users = { me = "first" }
packages = { own = { "1.0" = {}, "2.0" = {} } }
[access.private]
user = "me"
password = "first"
slash = true
[project]
dependencies = ["own<2"]
indexes = ["private"]
[[steps]]
do = "sync"
expect = { installed = { own = "1.0" }, fields = { page = { authorization = true } } }
[[steps]]
do = "set-users"
index = "private"
users = { me = "sec@nd" }
[[steps]]
do = "sync"
upgrade = true
expect = { exit = "failure" }
[[steps]]
do = "edit"
project = { dependencies = ["own"] }
access = { private = { user = "me", password = "sec@nd", netrc = true } }
[[steps]]
do = "sync"
upgrade = true
expect = { installed = { own = "2.0" } }
[[steps]]
do = "edit"
access = { private = { user = false } }
[[steps]]
do = "sync"
refresh = true
expect = { exit = "failure" }
""",
    "ask the indexes that the project names": """
[indexes.mirror]
url = "https://mirror.example/simple"
packages = { six = { "1.18.0" = {} } }
[project]
dependencies = ["six"]
indexes = []
[[steps]]
do = "sync"
expect = { installed = { six = "1.17.0" }, requests-to = { mirror = { total = 0 } } }
[[steps]]
do = "edit"
project = { indexes = ["mirror"] }
[[steps]]
do = "sync"
upgrade = true
expect = { installed = { six = "1.18.0" } }
""",
    "compile and sync requirements": """
[[steps]]
do = "compile"
requirements = ["yarl"]
hashes = true
expect = { requests = { page = 2, wheel = 0 } }
[[steps]]
do = "sync-requirements"
expect = { added = { yarl = "1.20.1", idna = "3.11" }, downloads = { yarl = 1, idna = 1 } }
[[steps]]
do = "install"
requirements = ["six"]
expect = { added = { six = "1.17.0" } }
[[steps]]
do = "sync-requirements"
require-hashes = true
expect = { removed = { six = "1.17.0" } }
""",
    "install by files": """
[files]
"project/wrong.txt" = "six==1.17.0 --hash=sha256:${sha256:idna-3.11-py3-none-any.whl}\\n"
"project/right.txt" = "six==1.17.0 --hash=sha256:${sha256:six-1.17.0-py3-none-any.whl}\\n"
"project/plain.txt" = "idna\\n"
"project/narrow.txt" = "idna<3.11\\n"
[[steps]]
do = "install"
requirements-files = ["wrong.txt"]
expect = { exit = "failure", absent = ["six"] }
[[steps]]
do = "install"
requirements-files = ["right.txt"]
expect = { added = { six = "1.17.0" } }
[[steps]]
do = "install"
requirements-files = ["plain.txt"]
constraints-files = ["narrow.txt"]
expect = { added = { idna = "3.10" } }
""",
    "prune": """
[project]
dependencies = ["idna"]
[[steps]]
do = "sync"
[[steps]]
do = "prune-cache"
[[steps]]
do = "remove-venv"
[[steps]]
do = "sync"
expect = { downloads = {} }
[[steps]]
do = "prune-cache"
ci = true
[[steps]]
do = "remove-venv"
[[steps]]
do = "sync"
expect = { downloads = { idna = 1 } }
""",
    "clear one project": """
[project]
dependencies = ["yarl"]
[[steps]]
do = "sync"
[[steps]]
do = "clear-cache"
projects = ["idna"]
[[steps]]
do = "remove-venv"
[[steps]]
do = "sync"
expect = { downloads = { idna = 1 } }
""",
    "damaged entries come again": """
[project]
dependencies = ["idna"]
[[steps]]
do = "sync"
[[steps]]
do = "damage"
entries = "**/*"
how = "truncate"
[[steps]]
do = "remove-venv"
[[steps]]
do = "sync"
expect = { downloads = { idna = 1 }, check = true }
""",
    "damaged wheels and pages come again": """
[project]
dependencies = ["yarl"]
[[steps]]
do = "sync"
[[steps]]
do = "remove-venv"
[[steps]]
do = "damage"
what = "wheel"
project = "yarl"
how = "garbage"
[[steps]]
do = "sync"
expect = { downloads = { yarl = 1 }, installed = { idna = "3.11" } }
[[steps]]
do = "damage"
what = "page"
how = "zero"
[[steps]]
do = "lock"
upgrade = true
offline = true
expect = { exit = "failure", requests = 0 }
[[steps]]
do = "lock"
upgrade = true
expect = { requests = { page = 2, conditional = 0 } }
""",
    "overwritten entries come again": """
[project]
dependencies = ["idna"]
[[steps]]
do = "sync"
[[steps]]
do = "damage"
entries = "**/*"
how = "overwrite"
[[steps]]
do = "remove-venv"
[[steps]]
do = "sync"
expect = { downloads = { idna = 1 }, check = true }
""",
    "offline": """
[project]
dependencies = ["idna"]
[[steps]]
do = "lock"
offline = true
expect = { exit = "failure", requests = 0 }
[[steps]]
do = "lock"
[[steps]]
do = "sync"
offline = true
frozen = true
expect = { exit = "failure", requests = 0, installed-count = 0 }
[[steps]]
do = "sync"
[[steps]]
do = "remove-venv"
[[steps]]
do = "sync"
offline = true
expect = { requests = 0, installed = { idna = "3.11" } }
""",
    "locked and frozen": """
[project]
dependencies = ["idna<3.11"]
[[steps]]
do = "sync"
locked = true
expect = { exit = "failure" }
[[steps]]
do = "lock"
expect = { locked = { idna = { version = "3.10", hashes = true, index = "pypi" } } }
[[steps]]
do = "edit"
project = { dependencies = ["idna>=3.11"] }
[[steps]]
do = "sync"
frozen = true
expect = { installed = { idna = "3.10" } }
[[steps]]
do = "sync"
locked = true
expect = { exit = "failure", installed = { idna = "3.10" } }
[[steps]]
do = "sync"
expect = { removed = { idna = "3.10" }, added = { idna = "3.11" } }
""",
    "checked lockfile, inexact sync": """
[project]
dependencies = ["six", "idna"]
[[steps]]
do = "lock"
locked = true
expect = { exit = "failure", requests = 0 }
[[steps]]
do = "sync"
[[steps]]
do = "edit"
project = { dependencies = ["six"] }
[[steps]]
do = "lock"
locked = true
expect = { exit = "failure", lockfile = "unchanged", requests = 0 }
[[steps]]
do = "sync"
inexact = true
expect = { removed = {}, installed-count = 2, lockfile = "changed" }
[[steps]]
do = "lock"
locked = true
expect = { lockfile = "unchanged", requests = 0 }
[[steps]]
do = "publish"
index = "pypi"
project = "six"
version = "2.0"
[[steps]]
do = "lock"
locked = true
refresh = true
expect = { lockfile = "unchanged" }
[[steps]]
do = "lock"
locked = true
refresh = true
upgrade = true
expect = { exit = "failure", lockfile = "unchanged" }
[[steps]]
do = "sync"
expect = { removed = { idna = "3.11" } }
""",
    "reinstall, refresh, no cache": """
[project]
dependencies = ["yarl"]
[[steps]]
do = "sync"
[[steps]]
do = "sync"
reinstall = ["idna"]
expect = { downloads = {}, output = { contains = ["idna"], lacks = ["yarl"] } }
[[steps]]
do = "sync"
no-cache = true
reinstall = true
expect = { downloads = { idna = 1, yarl = 1 } }
""",
    "another venv and another folder": """
[project]
dependencies = ["idna"]
[[steps]]
do = "sync"
expect = { downloads = { idna = 1 } }
[[steps]]
do = "sync"
venv = "second"
expect = { downloads = {}, added = { idna = "3.11" } }
[[steps]]
do = "sync"
folder = "elsewhere"
expect = { downloads = {}, added = { idna = "3.11" } }
""",
    "extras of a requirement, constraints, no deps": """
[[steps]]
do = "install"
requirements = ["idna[fast]"]
constraints = ["six<2"]
expect = { added = { idna = "3.11", six = "1.17.0" } }
[[steps]]
do = "uninstall"
projects = ["idna", "six"]
expect = { installed-count = 0 }
[[steps]]
do = "install"
requirements = ["yarl"]
no-deps = true
expect = { added = { yarl = "1.20.1" }, check = false }
""",
    "imports": """
[project]
dependencies = ["idna"]
[[steps]]
do = "run"
import = ["idna"]
expect = { imports = { "idna.__version__" = "3.11" } }
[[steps]]
do = "run"
import = ["six"]
expect = { exit = "failure", output = { contains = ["ModuleNotFoundError"] } }
""",
}

VERB_SCENARIOS = {name: PYPI + text for name, text in _TOLD.items()}
