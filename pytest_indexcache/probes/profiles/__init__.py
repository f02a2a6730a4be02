"""Derive server profiles from a probe, compare them, and find similar measured servers."""
