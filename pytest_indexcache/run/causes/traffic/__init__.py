"""Causes for unexpected requests and responses."""
