"""Pythons: find one, and learn which packages fit it."""
