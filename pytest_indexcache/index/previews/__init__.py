"""Build the indexes of a scenario without playing it, to check or list their contents."""
