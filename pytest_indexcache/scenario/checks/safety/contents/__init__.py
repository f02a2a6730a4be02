"""Checks of the contents of verbatim files, against tables of allowed contents."""
