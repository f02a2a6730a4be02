"""Checks of single values, and hints at what to write instead."""
