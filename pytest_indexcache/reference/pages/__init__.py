"""Simple pages: asking for them, reading them, and what is recorded of them."""
