"""The commands of the reference installer, from the command line to the stages."""
