"""Tests of drafts from files."""
