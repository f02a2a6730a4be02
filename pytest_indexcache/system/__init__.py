"""Files, processes and Pythons of this machine."""
