"""Tests of drafts made from files."""
