"""Pythons: finding one, and what packages must fit it."""
