"""Build the indexes of a scenario without playing it, in order to check or list their contents."""
