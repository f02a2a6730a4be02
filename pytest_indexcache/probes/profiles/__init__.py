"""Server profiles made of what was seen, compared, and held against what was measured."""
