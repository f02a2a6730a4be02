"""Write scenarios from requests to real indexes that were recorded; no file is opened here."""
