"""The adapter for uv."""
