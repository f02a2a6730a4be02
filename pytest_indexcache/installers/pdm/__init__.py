"""The adapter for PDM."""
