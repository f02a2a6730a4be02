"""Commands: from the command line to the stages."""
