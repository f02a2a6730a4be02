"""Tests of index clients, pages and the finder."""
