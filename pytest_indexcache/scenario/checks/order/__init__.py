"""In which order steps can happen: one after the other, and at once."""
