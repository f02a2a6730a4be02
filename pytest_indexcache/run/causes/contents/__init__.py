"""Rules that explain unexpected files in the venv and unexpected entries in the cache."""
