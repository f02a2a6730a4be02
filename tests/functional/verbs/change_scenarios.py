"""Scenarios that change an index between steps, by title."""

from __future__ import annotations

from .small_pypi import PYPI

_CHANGES = {
    "replaced file": """
[project]
dependencies = ["idna"]
[[steps]]
do = "sync"
expect = { builds-of = { idna = "pypi" } }
[[steps]]
do = "replace"
index = "pypi"
project = "idna"
version = "3.11"
contents = { build = "second" }
[[steps]]
do = "remove-venv"
[[steps]]
do = "sync"
upgrade = true
refresh = true
expect = { downloads = { idna = 1 }, builds-of = { idna = "second" } }
""",
    "yanked release": """
[project]
dependencies = ["idna"]
[[steps]]
do = "yank"
index = "pypi"
project = "idna"
version = "3.11"
reason = "broken"
[[steps]]
do = "sync"
expect = { installed = { idna = "3.10" } }
""",
    "deleted project": """
[project]
dependencies = ["idna"]
[[steps]]
do = "delete"
index = "pypi"
project = "idna"
[[steps]]
do = "lock"
expect = { exit = "failure", output = { contains = ["idna"] } }
""",
    "headers change": """
[project]
dependencies = ["idna"]
[[steps]]
do = "lock"
[[steps]]
do = "lock"
upgrade = true
expect = { requests = { page = 1, conditional = 1, revalidated = 1 } }
[[steps]]
do = "clear-cache"
[[steps]]
do = "set-headers"
index = "pypi"
headers = "pytorch"
[[steps]]
do = "lock"
upgrade = true
[[steps]]
do = "lock"
upgrade = true
expect = { requests = { page = 1, conditional = 0 } }
""",
    "an index that is down": """
[project]
dependencies = ["idna"]
[[steps]]
do = "go-down"
index = "pypi"
[[steps]]
do = "sync"
expect = { exit = "failure", downloads = {}, requests = { failed = ">= 1" } }
[[steps]]
do = "come-back"
index = "pypi"
[[steps]]
do = "sync"
expect = { installed = { idna = "3.11" } }
""",
    "a status that passes": """
[project]
dependencies = ["idna"]
[[steps]]
do = "fail"
index = "pypi"
how = "status"
status = 503
kind = "wheel"
times = 2
[[steps]]
do = "sync"
expect = { downloads = { idna = 1 }, requests = { failed = 2, wheel = 3 } }
""",
    "a body that is cut": """
[project]
dependencies = ["idna"]
[[steps]]
do = "fail"
index = "pypi"
how = "cut"
kind = "wheel"
after = "10 B"
[[steps]]
do = "sync"
[steps.expect]
downloads = {}  # the rest came in a part
requests = { failed = 1, wheel = 2, range = 1 }
installed = { idna = "3.11" }
check = true
""",
}

CHANGE_SCENARIOS = {name: PYPI + text for name, text in _CHANGES.items()}
