"""Build the responses to the requests that an index receives."""
