"""Causes of how a command ended, and of what it left in venv and lockfile."""
