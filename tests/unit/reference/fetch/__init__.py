"""Tests of downloads and of stored files."""
