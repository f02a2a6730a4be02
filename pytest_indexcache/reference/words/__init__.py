"""Plain values that the parts of the reference installer pass to each other."""
