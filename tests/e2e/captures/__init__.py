"""Captures of real servers on the loopback, compared with those servers."""
