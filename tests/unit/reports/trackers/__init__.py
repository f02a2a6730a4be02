"""Tests of issue texts for trackers."""
