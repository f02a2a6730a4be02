"""Tests of the edge, a cache in front of an index."""
