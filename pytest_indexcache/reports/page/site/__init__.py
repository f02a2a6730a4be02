"""Build a static site from a matrix: a page and a JSON file per scenario, installer and server."""

from __future__ import annotations

from pytest_indexcache.reports.page.site.cells import SiteScenario
from pytest_indexcache.reports.page.site.earlier import EarlierSite, read_earlier
from pytest_indexcache.reports.page.site.site_files import SiteContent, site_files

__all__ = ["EarlierSite", "SiteContent", "SiteScenario", "read_earlier", "site_files"]
