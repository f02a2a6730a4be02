"""The plays that commands make, with their progress lines and result files."""
