"""Make venvs, and read the distributions in them."""
