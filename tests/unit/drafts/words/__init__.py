"""Tests of drafts/words."""
