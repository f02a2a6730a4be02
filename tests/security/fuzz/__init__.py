"""Random command lines and files, held against an oracle that knows nothing of the checks."""
