"""Attacks by a file of a stranger, and what keeps each of them harmless."""
