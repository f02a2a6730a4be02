"""Turn recorded traffic with real indexes into the text of a scenario."""
