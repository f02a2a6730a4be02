"""The distributions and files in a venv, and the values that its Python imports."""
