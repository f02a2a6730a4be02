"""Random command lines and files, tested by an oracle that is independent of the checks."""
