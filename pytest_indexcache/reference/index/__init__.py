"""Request and read the pages of indexes, and choose among the files that they list."""
