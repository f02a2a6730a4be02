"""Venvs: make one, and read its contents."""
