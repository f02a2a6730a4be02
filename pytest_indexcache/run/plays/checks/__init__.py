"""Check the expectations of a step against its observation; pure functions."""
