"""The distributions and files of a venv, and the values that its Python imports."""
