"""Captures at real servers on the loopback, held against them."""
