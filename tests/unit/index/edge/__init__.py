"""Tests of the edge of an index."""
