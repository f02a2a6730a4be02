"""Receive requests, and record them with their answers as exchanges."""
