"""Read the project files, requirements files and lockfiles that users paste with a log."""
