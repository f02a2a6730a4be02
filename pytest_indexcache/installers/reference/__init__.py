"""The adapter for the bundled reference installer."""
