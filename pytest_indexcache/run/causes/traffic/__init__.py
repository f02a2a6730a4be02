"""Causes of what was asked of indexes, and of what came."""
