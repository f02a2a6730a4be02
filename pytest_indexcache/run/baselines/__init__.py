"""Compare plays with their recorded results."""
