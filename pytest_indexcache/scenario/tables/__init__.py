"""The tables of a scenario file, a class each."""
