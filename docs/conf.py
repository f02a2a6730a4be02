"""The documentation as a site: ``sphinx-build -W -c docs . FOLDER``."""

from __future__ import annotations

from pytest_indexcache import __version__

project = "pytest-indexcache"
version = release = __version__
extensions = ["myst_parser"]
myst_heading_anchors = 4
# The source folder is the root, so that a page can link to whatever lies in the repository.
include_patterns = ["*.md", "docs/*.md", "scenarios/**.md", "benchmarks/*.md"]
include_patterns += ["pytest_indexcache/reference/*.md"]
root_doc = "docs/index"
suppress_warnings = ["misc.highlighting_failure"]  # the drawings of ARCHITECTURE.md
html_theme = "furo"
html_title = f"{project} {release}"
