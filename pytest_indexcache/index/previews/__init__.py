"""Previews of the indexes of a scenario, before it is played."""
