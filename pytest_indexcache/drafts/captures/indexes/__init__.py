"""Observations of real indexes, and the ``[indexes]`` tables that are made from them."""
