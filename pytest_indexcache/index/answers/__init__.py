"""Answer requests to an index."""
