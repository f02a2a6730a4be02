"""Single values that are wrong, and what to write instead."""
