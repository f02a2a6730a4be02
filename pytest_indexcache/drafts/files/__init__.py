"""Read files that people paste beside a log: project files, requirements, lockfiles."""
