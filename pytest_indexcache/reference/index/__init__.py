"""Request and read the pages of indexes, and choose from the files that they list."""
