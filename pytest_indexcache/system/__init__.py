"""Files, processes and Python interpreters on this machine."""
