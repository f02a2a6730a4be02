"""Attacks by untrusted scenario files, and the defences that stop them."""
