"""The rules by which a probe judges an index's answers about pages and files."""
