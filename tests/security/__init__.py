"""Attacks by untrusted scenario files, and the walls that stop each of them."""
