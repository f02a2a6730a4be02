"""Install wheels into a venv."""
