"""Tests of drafts/facts."""
