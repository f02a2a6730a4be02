"""The commands of the reference installer, and their options on the command line."""
