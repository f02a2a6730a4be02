"""Files that people paste beside a log: project files, requirements files and lockfiles."""
