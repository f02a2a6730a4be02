"""What can be said of the indexes of a scenario before it is played."""
