"""Import dotted names with the Python of a venv."""
