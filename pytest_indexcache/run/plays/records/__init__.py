"""The records of a play: its exchanges, and each step with the observed facts."""
