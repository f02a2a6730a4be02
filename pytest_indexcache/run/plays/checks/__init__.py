"""Pure functions that compare the expectations of a step with its observation."""
