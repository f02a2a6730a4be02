"""Tests of drafts.words."""
