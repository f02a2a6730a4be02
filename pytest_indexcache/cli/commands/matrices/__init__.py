"""Commands that play, merge and show matrices, and record their results."""
