"""Derive server profiles from a probe, compare them, and match them with measured servers."""
