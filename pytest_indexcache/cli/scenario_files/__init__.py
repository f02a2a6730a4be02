"""Finding scenario files for commands, and writing new ones."""
