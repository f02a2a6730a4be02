"""Get releases of installers onto this machine."""
