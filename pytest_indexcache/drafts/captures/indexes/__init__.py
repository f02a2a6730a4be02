"""What was seen at real indexes, and the tables of ``[indexes]`` that say it."""
