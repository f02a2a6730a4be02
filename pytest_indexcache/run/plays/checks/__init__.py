"""Compare the expectations of a step with its observation; pure functions."""
