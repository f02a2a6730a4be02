"""The tables in a scenario file, with one class for each."""
