"""Index servers from PyPI, each with an adapter that starts, fills and stops it."""
