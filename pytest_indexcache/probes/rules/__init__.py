"""The rules by which answers are judged: of pages, and of files."""
