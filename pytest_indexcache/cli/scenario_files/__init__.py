"""Find scenario files for commands, and write new ones."""
