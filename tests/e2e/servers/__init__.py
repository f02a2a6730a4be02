"""The fake servers held against the real ones."""
