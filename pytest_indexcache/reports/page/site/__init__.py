"""Build a static site from a matrix: one page and JSON file per scenario, installer or server."""

from __future__ import annotations

from pytest_indexcache.reports.page.site.cells import SiteScenario
from pytest_indexcache.reports.page.site.earlier import EarlierSite, read_earlier
from pytest_indexcache.reports.page.site.site_files import SiteContent, site_files

__all__ = ["EarlierSite", "SiteContent", "SiteScenario", "read_earlier", "site_files"]
