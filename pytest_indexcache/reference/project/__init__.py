"""Project files, requirements files and source folders."""
