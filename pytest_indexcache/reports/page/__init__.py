"""Render plays and matrices as one HTML page."""

from __future__ import annotations

from pytest_indexcache.reports.page.document import html_report, matrix_html

__all__ = ["html_report", "matrix_html"]
