"""Indexes: their pages, the files that the pages list, and the choice among these."""
