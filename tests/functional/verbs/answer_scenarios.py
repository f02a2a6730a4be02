"""How indexes answer where they do not send what was asked for: scenarios by what is told."""

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

ANSWER_SCENARIOS = {
    f"unknown projects are answered by {answer}": _UNKNOWN.format(answer=answer, expected=expected)
    for answer, expected in _OTHERS.items()
}
