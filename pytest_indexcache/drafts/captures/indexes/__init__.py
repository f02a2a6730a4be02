"""Describe real indexes by their recorded responses, as ``[indexes]`` tables of a scenario."""
