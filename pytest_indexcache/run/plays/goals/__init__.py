"""Check that the requirements of a step are met after the step."""
