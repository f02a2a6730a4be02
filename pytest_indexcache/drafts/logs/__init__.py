"""Verbose logs of installers, read to plain values."""
