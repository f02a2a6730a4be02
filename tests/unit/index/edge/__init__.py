"""Tests of the edge, the cache before an index."""
