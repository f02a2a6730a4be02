"""Capturing: real indexes are recorded while an installer runs, and played again offline."""
