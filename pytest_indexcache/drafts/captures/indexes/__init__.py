"""Describe real indexes as ``[indexes]`` tables of a scenario, using their recorded responses."""
