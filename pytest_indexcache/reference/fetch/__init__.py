"""Fetch the files of pins into the store."""
