"""What an index has, where it lies, and how that changes."""
