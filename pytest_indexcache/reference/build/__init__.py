"""Build wheels from sdists and source folders."""
