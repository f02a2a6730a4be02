"""The fake servers compared with the real ones."""
