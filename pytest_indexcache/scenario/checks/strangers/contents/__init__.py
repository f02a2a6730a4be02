"""Checks of the contents of verbatim files, against tables of what they may hold."""
