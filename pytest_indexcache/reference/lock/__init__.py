"""Resolve projects into lockfiles (PEP 751), and read and write lockfiles."""
