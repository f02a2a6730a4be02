"""The rules that judge an index's answers about pages and files."""
