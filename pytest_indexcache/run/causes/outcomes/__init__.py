"""Rules that explain how a command ended, and the state of the venv and lockfile afterwards."""
