"""The adapter of pdm."""
