"""The facts of a play: its history, and text that describes them."""
