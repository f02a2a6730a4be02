"""The contents of files that a scenario gives word for word, by tables of what they may hold."""
