"""Scenarios with steps that start together, by title."""

from __future__ import annotations

from .small_pypi import PYPI

_TOLD = {
    "several venvs and one cache": """
[[steps]]
expect = { downloads = { yarl = "<= 3", idna = "<= 3", six = 1 } }
[[steps.together]]
do = "install"
requirements = ["yarl"]
venv = "job-{n}"
times = 3
expect = { added = { yarl = "1.20.1", idna = "3.11" } }
[[steps.together]]
do = "install"
requirements = ["six"]
venv = "other"
expect = { installed = { six = "1.17.0" }, absent = ["yarl"] }
[[steps]]
do = "install"
requirements = ["yarl", "six"]
venv = "job-3"
expect = { downloads = {}, added = { six = "1.17.0" } }
""",
    "one venv": """
[[steps]]
together = [
    { do = "install", requirements = ["yarl"] },
    { do = "install", requirements = ["six"], times = 2 },
]
[steps.expect]
added = { yarl = "1.20.1", idna = "3.11", six = "1.17.0" }
downloads = { yarl = 1, idna = 1, six = "<= 2" }
check = true
""",
    "several projects of one folder": """
[project]
dependencies = ["idna"]
[[steps]]
together = [{ do = "sync", times = 3 }]
[steps.expect]
installed = { idna = "3.11" }
locked = { idna = "3.11" }
lockfile = "changed"
imports = { "idna.__version__" = "3.11" }
[[steps]]
do = "sync"
locked = true
expect = { requests = { page = 0 }, downloads = {}, lockfile = "unchanged" }
""",
    "each with a folder of its own": """
[project]
dependencies = ["idna"]
[[steps]]
[[steps.together]]
do = "sync"
folder = "project-{n}"
times = 3
expect = { installed = { idna = "3.11" }, lockfile = "changed" }
[[steps]]
do = "sync"
folder = "project-2"
expect = { requests = {}, downloads = {}, added = 0 }
""",
    "additions to one project": """
[project]
[[steps]]
together = [
    { do = "add", requirements = ["yarl"] },
    { do = "add", requirements = ["six"] },
]
[[steps]]
do = "sync"
expect = { installed = { yarl = "1.20.1", idna = "3.11", six = "1.17.0" } }
""",
    "one that fails": """
[[steps]]
expect = { downloads = { six = 1 } }
[[steps.together]]
do = "install"
requirements = ["six"]
venv = "one"
[[steps.together]]
do = "install"
requirements = ["idna>=100"]
venv = "two"
times = 2
expect = { exit = "failure", output = { contains = ["idna"] } }
[[steps]]
together = [{ do = "install", requirements = ["idna>=100"], times = 2 }]
expect = { exit = "failure", downloads = {} }
""",
    "removals and a cleared cache": """
[[steps]]
do = "install"
requirements = ["six", "idna"]
[[steps]]
together = [
    { do = "uninstall", projects = ["six"] },
    { do = "uninstall", projects = ["idna"] },
    { do = "clear-cache" },
]
expect = { removed = { six = "1.17.0", idna = "3.11" }, requests = 0 }
[[steps]]
do = "install"
requirements = ["six"]
expect = { downloads = { six = 1 } }
""",
    "builds": """
[local-projects.mine]
path = "mine"
[[steps]]
expect = { builds = { mine = ">= 1" } }
[[steps.together]]
do = "install"
paths = ["mine"]
venv = "job-{n}"
times = 2
expect = { installed = { mine = "0.1.0" } }
""",
}

TOGETHER_SCENARIOS = {name: PYPI + text for name, text in _TOLD.items()}
