"""Plain values that the stages of the reference installer exchange."""
