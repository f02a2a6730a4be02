"""Imports: what a venv makes of dotted names."""
