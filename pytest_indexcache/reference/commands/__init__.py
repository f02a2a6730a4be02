"""The reference installer's commands, and their command-line options."""
