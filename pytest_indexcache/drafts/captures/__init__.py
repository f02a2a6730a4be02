"""Convert captures of real indexes to the text of scenarios; no input or output."""
