"""Import dotted names with a venv's Python."""
