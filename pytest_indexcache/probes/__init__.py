"""Probe a real index: send it a set of requests (the battery), and evaluate the responses."""
