"""Make venvs, and read their contents."""
