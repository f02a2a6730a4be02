"""The distributions and files of a venv, and what its Python imports."""
