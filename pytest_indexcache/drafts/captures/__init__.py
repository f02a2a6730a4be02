"""Convert captures of real indexes to the text of scenarios, without input or output."""
