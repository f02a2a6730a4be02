"""Files, processes and Pythons of this machine, used by installers and by the harness."""
