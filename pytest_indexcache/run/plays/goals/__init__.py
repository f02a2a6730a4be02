"""Check that the requirements of a step are met afterwards."""
