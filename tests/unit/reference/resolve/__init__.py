"""Tests of the resolver, against indexes in memory."""
