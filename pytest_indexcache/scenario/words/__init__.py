"""Limits, plain texts, and how messages show values, for all modules of this folder."""
