"""Replace private words in captures, each kind of value by its own rule, and find what remains."""
