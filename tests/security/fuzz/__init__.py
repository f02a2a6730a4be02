"""Random command lines and files, judged by an oracle that does not use the checks."""
