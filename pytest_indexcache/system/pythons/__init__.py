"""Find Python interpreters, and the wheel tags and markers of each."""
