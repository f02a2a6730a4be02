"""Observations at real indexes, and the tables of ``[indexes]`` made from them."""
