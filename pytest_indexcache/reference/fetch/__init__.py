"""Fetching: from pins to files in the store."""
