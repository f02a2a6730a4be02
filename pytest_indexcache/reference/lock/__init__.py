"""Lockfiles (PEP 751): resolving a project for them, writing and reading them."""
