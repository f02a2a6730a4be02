"""The adapter of uv."""
