"""Unit tests of the texts for trackers."""
