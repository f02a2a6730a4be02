"""Capture real indexes while an installer runs, and replay them offline as a scenario."""
