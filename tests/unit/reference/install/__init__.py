"""Tests of what changes a venv."""
