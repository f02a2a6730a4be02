"""The records of a play: its exchanges, and each step with the facts observed about it."""
