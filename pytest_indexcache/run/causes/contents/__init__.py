"""Why files of the venv and of the cache are not as expected."""
