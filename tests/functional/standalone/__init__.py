"""Exported scripts, run by another process."""
