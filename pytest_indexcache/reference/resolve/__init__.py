"""Resolving: from requirements to pins."""
