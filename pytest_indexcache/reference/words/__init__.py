"""Plain values that all stages of the reference installer hand to each other."""
