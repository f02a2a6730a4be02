"""Read files that users paste together with a log: project files, requirements, lockfiles."""
