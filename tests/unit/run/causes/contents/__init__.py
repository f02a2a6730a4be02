"""Rules for files of the venv and of the cache."""
