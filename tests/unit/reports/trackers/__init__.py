"""Tests of the text of issues for trackers."""
