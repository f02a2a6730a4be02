"""The adapter of poetry."""
