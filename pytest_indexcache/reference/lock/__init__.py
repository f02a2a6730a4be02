"""Resolve projects into lockfiles (PEP 751), and read and write these files."""
