"""Attacks by untrusted scenario files, and the defences that stop each of them."""
