"""The index of most scenarios."""

from __future__ import annotations

PYPI = """\
title = "t"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
idna."3.10" = {}
idna."3.11" = { extras = { fast = ["six"] } }
six."1.17.0" = {}
yarl."1.20.1" = { requires = ["idna>=2.0"] }
"""
