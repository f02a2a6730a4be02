"""The facts of a play: its history, and the words for them."""
