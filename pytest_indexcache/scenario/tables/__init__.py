"""The tables of a scenario file, one class for each."""
