"""Indexes: their pages, the files that these list, and the choice among them."""
