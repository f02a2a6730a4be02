"""Convert recorded requests to real indexes to the text of a scenario."""
