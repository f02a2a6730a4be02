"""Create venvs, and read the distributions in them."""
