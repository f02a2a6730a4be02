"""Tests of the issue texts for trackers."""
