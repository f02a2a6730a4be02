"""The facts of a play: its history, and how they are put into words."""
