"""Rules that explain how a command ended, and in what state it left the venv and lockfile."""
