"""Commands for what a person runs by hand against the indexes of a scenario."""
