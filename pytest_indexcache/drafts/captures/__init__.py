"""Scenarios made of what was captured at real indexes: text in, text out."""
