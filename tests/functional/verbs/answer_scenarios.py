"""Scenarios, by title, in which an index answers with something other than the page or file."""

from __future__ import annotations

_UNKNOWN = """
title = "t"
[indexes.first]
url = "https://first.example/simple"
unknown-status = {answer}
packages = {{ six = {{ "1.17.0" = {{}} }} }}
[indexes.second]
url = "https://second.example/simple"
default = true
packages = {{ idna = {{ "3.11" = {{}} }} }}
[[steps]]
do = "install"
requirements = ["six"]
extra-indexes = ["first"]
expect = {{ installed = {{ six = "1.17.0" }} }}
[[steps]]
do = "install"
requirements = ["idna"]
extra-indexes = ["first"]
index-strategy = "first-index"
expect = {{ {expected} }}
"""
_FAILS = 'exit = "failure", requests-to = { second = { total = 0 } }, output.contains = ["%s"]'
_NO_FILES = _FAILS % "idna"
_OTHERS = {
    "401": _FAILS % "status 401",
    "403": _FAILS % "status 403",
    "404": 'installed = { idna = "3.11" }, requests-to = { second = { page = 1 } }',
    "410": _NO_FILES,
    '"empty-page"': _NO_FILES,
    '"login-page"': _NO_FILES,
}

_HABITS = {
    "HEAD hides that there are ranges": """
title = "t"
[indexes.pypi]
url = "https://pypi.org/simple"
metadata = false
headers = { head = { accept-ranges = false } }
[indexes.pypi.packages.idna."3.11"]
padding = "300 KiB"
[project]
dependencies = ["idna"]
[[steps]]
do = "lock"
expect = { downloads = {}, requests = { range = ">= 1", total = "any" } }
""",
    "HEAD is refused with 400": """
title = "t"
[indexes.pypi]
url = "https://pypi.org/simple"
metadata = false
head = 400
packages = { idna = { "3.11" = {} } }
[[steps]]
do = "install"
requirements = ["idna"]
expect = { installed = { idna = "3.11" } }
""",
    "304s without ETag": """
title = "t"
[indexes.pypi]
url = "https://pypi.org/simple"
headers = { pages = { cache-control = "no-cache" }, not-modified = { etag = false } }
packages = { idna = { "3.11" = {} } }
[project]
dependencies = ["idna"]
[[steps]]
do = "lock"
[[steps]]
do = "lock"
upgrade = true
expect = { requests = { page = 1, conditional = 1, revalidated = 1 } }
[[steps]]
do = "lock"
upgrade = true
expect = { requests = { page = 1, conditional = 1, revalidated = 1 } }
""",
    "304s with another ETag": """
title = "t"
[indexes.pypi]
url = "https://pypi.org/simple"
headers = { pages = { cache-control = "no-cache" }, not-modified = { etag = '"another"' } }
packages = { idna = { "3.11" = {} } }
[project]
dependencies = ["idna"]
[[steps]]
do = "lock"
[[steps]]
do = "lock"
upgrade = true
expect = { requests = { page = 2, conditional = 1, revalidated = 1 }, lockfile = "unchanged" }
""",
    "anonymous requests are redirected to a login page": """
title = "t"
[indexes.private]
url = "https://private.example/simple"
default = true
users = { ada = "secret" }
anonymous-redirect = "https://login.example/simple"
packages = { idna = { "3.11" = {} } }
[indexes.login]
url = "https://login.example/simple"
unknown-status = "login-page"
[access.private]
user = false
[[steps]]
do = "install"
requirements = ["idna"]
[steps.expect]
exit = "failure"
requests-to = { private = { page = 1, total = 1 }, login = { page = 1, total = 1 } }
[[steps]]
do = "edit"
access = { private = { user = "ada", password = "secret" } }
[[steps]]
do = "install"
requirements = ["idna"]
expect = { installed = { idna = "3.11" }, requests-to = { login = { total = 0 } } }
""",
}
_REDIRECT = """
title = "t"
[indexes.pypi]
url = "https://pypi.org/simple"
pages = {{ idna = {{ redirect = "https://mirror.example/simple/idna/" }} }}
headers = {{ redirects = {{ cache-control = "{stored}" }} }}
[indexes.mirror]
url = "https://mirror.example/simple"
headers = {{ pages = {{ cache-control = "max-age=600" }} }}
packages = {{ idna = {{ "3.11" = {{}} }} }}
[[steps]]
do = "install"
requirements = ["idna"]
expect = {{ installed = {{ idna = "3.11" }}, requests = {{ page = 2, total = "any" }} }}
[[steps]]
do = "install"
requirements = ["idna"]
venv = "another"
[steps.expect]
installed = {{ idna = "3.11" }}
requests-to = {{ pypi = {{ page = {pages} }}, mirror = {{ page = 0 }} }}
"""
_REDIRECTS = {
    f"redirects that say {stored}": _REDIRECT.format(stored=stored, pages=pages)
    for stored, pages in (("max-age=600", 0), ("no-store", 1))
}

_UNKNOWNS = {
    f"unknown projects are answered by {answer}": _UNKNOWN.format(answer=answer, expected=expected)
    for answer, expected in _OTHERS.items()
}

ANSWER_SCENARIOS = _UNKNOWNS | _HABITS | _REDIRECTS
