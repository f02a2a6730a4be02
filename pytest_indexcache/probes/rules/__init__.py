"""The rules that a probe uses to judge an index's answers about pages and files."""
