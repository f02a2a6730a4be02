"""Pure functions that compare a step's expectations with the facts observed about it."""
