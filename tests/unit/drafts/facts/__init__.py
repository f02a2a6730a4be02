"""Tests of drafts.facts."""
