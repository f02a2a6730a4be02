"""Resolve requirements into pins."""
