"""Replace private words in captures, with a rule for each kind of value, and find any left."""
