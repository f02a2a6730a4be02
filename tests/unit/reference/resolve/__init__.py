"""Tests of resolving, against indexes in memory."""
