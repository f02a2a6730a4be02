"""The records of a play: its exchanges, and the facts that were observed about each step."""
