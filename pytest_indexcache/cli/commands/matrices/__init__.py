"""Commands that play, join and show matrices, and record what they found."""
