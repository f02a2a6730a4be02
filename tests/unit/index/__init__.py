"""Tests of the fake indexes and what they serve."""
