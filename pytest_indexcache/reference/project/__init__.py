"""Projects: pyproject.toml, requirements files, and the folders that are built."""
