"""Probes: a battery of requests to a real index, and the evaluation of its responses."""
