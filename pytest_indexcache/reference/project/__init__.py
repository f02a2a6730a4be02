"""Projects: pyproject.toml, requirements files, and source folders."""
