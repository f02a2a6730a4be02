"""The fake servers compared with real servers."""
