"""Build responses to the requests that reach an index."""
