"""The indexes of a draft, and their answers according to a log."""
