"""Find Pythons, and the wheel tags and markers of each."""
