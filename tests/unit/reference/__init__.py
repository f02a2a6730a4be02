"""Tests of the reference installer, mostly against indexes in memory."""
