"""Receive requests, and record them with their responses as exchanges."""
