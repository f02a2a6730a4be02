"""Lockfiles (PEP 751): resolve a project into one, write it and read it."""
