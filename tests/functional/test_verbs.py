"""Every verb, change and expectation of the language, played by the reference installer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_indexcache.index.gateway import Gateway
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.networks import Connect, in_process, on_the_wire
from pytest_indexcache.run.results import PlayResult, Verdict
from pytest_indexcache.run.runner import Play, play
from pytest_indexcache.scenario.loader import loads

HEAD = """\
title = "t"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
idna."3.10" = {}
idna."3.11" = { extras = { fast = ["six"] } }
six."1.17.0" = {}
yarl."1.20.1" = { requires = ["idna>=2.0"] }
"""

STORIES = {
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
expect = { requests = 0 }
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
expect = { downloads = { idna = 1 }, requests = { failed = 1, wheel = 2 }, check = true }
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
import = ["nothing_of_the_kind"]
expect = { exit = "failure", output = { contains = ["ModuleNotFoundError"] } }
""",
}

WITH_OWN_INDEX = {
    "users": """
title = "t"
[indexes.private]
url = "https://ada:secret@packages.example.com/simple"
users = { ada = "secret" }
default = true
[indexes.private.packages]
idna."3.11" = {}
[project]
dependencies = ["idna"]
[[steps]]
do = "sync"
expect = { installed = { idna = "3.11" } }
[[steps]]
do = "set-users"
index = "private"
users = { ada = "changed" }
[[steps]]
do = "sync"
upgrade = true
refresh = true
expect = { exit = "failure", output = { lacks = ["secret"] } }
""",
    "sdist is built once": """
title = "t"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages.idna."3.11"]
files = [{ kind = "sdist" }]
[project]
dependencies = ["idna"]
[[steps]]
do = "sync"
expect = { downloads = { "idna-3.11.tar.gz" = 1 }, builds = { idna = 1 }, check = true }
[[steps]]
do = "remove-venv"
[[steps]]
do = "sync"
expect = { downloads = {}, builds = {}, installed = { idna = "3.11" } }
""",
    "signed URLs that change": """
title = "t"
[indexes.pypi]
url = "https://packages.example.com/simple"
default = true
signed-urls = "https://blobs.example.com/store"
[indexes.pypi.packages]
idna."3.11" = {}
[project]
dependencies = ["idna"]
[[steps]]
do = "sync"
expect = { downloads = { idna = 1 } }
[[steps]]
do = "remove-venv"
[[steps]]
do = "sync"
upgrade = true
expect = { downloads = {} }
""",
    "flat index": """
title = "t"
[indexes.links]
url = "https://packages.example.com/links"
flat = true
[indexes.links.packages]
idna."3.11" = {}
[indexes.pypi]
url = "https://pypi.org/simple"
[[steps]]
do = "install"
requirements = ["idna"]
find-links = ["links"]
no-index = true
expect = { downloads = { idna = 1 }, requests-to = { pypi = { total = 0 } } }
""",
    "editable install, built once each": """
title = "t"
[indexes.pypi]
url = "https://pypi.org/simple"
[local-projects.local]
path = "libs/local"
version = "2.0"
[[steps]]
do = "install"
editable = ["libs/local"]
[steps.expect]
origin = { local = "editable" }
editable = { local = true }
builds = { local = 1 }
builds-of = { local = "libs/local" }
[[steps]]
do = "install"
paths = ["libs/local"]
reinstall = true
expect = { origin = { local = "path" }, editable = { local = false } }
""",
    "a page that redirects, and one that serves another project": """
title = "t"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
idna."3.11" = {}
[indexes.pypi.pages.old-idna]
redirect = "/simple/idna/"
[[steps]]
do = "install"
requirements = ["idna"]
expect = { downloads = { idna = 1 } }
[[steps]]
do = "install"
requirements = ["old-idna"]
expect = { exit = "failure", added = {} }
""",
}


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    """Open one gateway for all plays."""
    with Gateway(clock=time.time) as opened:
        yield opened


@pytest.fixture(params=["inprocess", "wire"])
def connect(request: pytest.FixtureRequest, gateway: Gateway) -> Connect:
    """Connect by each of the two ways."""
    return (
        in_process(time.time) if request.param == "inprocess" else on_the_wire(gateway, time.time)
    )


def play_text(text: str, connect: Connect, folder: Path) -> PlayResult:
    """Play a scenario that is given as text."""
    return play(Play(loads(text), "t", create_installer("reference"), connect, "any"), folder)


ALL = {**{name: HEAD + text for name, text in STORIES.items()}, **WITH_OWN_INDEX}


@pytest.mark.parametrize("name", ALL)
def test_story_is_played_as_it_is_told(name: str, connect: Connect, tmp_path: Path) -> None:
    """Each step does what the story expects of it."""
    result = play_text(ALL[name], connect, tmp_path)
    failed = [
        (step.number, check.key, check.expected, check.seen, check.causes, step.output)
        for step in result.steps
        for check in step.checks
        if not check.held
    ]
    assert result.verdict is Verdict.PASSED, (result.reason, failed)


def test_a_stranger_is_an_error_that_names_the_host(connect: Connect, tmp_path: Path) -> None:
    """A request to a host that no index has says nothing about caching."""
    text = """
title = "t"
[indexes.private]
url = "https://packages.example.com/simple"
[indexes.private.packages]
idna."3.11" = {}
[project]
dependencies = ["idna", "six"]
[sources]
idna = { index = "private", explicit = true }
[[steps]]
do = "sync"
expect = { exit = "success" }
"""
    result = play_text(text, connect, tmp_path)
    assert result.verdict is Verdict.ERROR
    assert "pypi.org" in result.reason


def test_damage_that_matches_nothing_is_an_error(connect: Connect, tmp_path: Path) -> None:
    """A glob that finds nothing in the cache breaks the scenario, not the installer."""
    damage = '[[steps]]\ndo = "damage"\nentries = "*.none"\nhow = "remove"\n'
    text = HEAD + damage + 'expect = { exit = "success" }\n'
    result = play_text(text, connect, tmp_path)
    assert result.verdict is Verdict.ERROR
    assert "'*.none'" in result.reason
