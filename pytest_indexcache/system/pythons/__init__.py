"""Find Pythons, and determine the packages that fit them."""
