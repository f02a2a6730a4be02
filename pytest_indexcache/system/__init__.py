"""Files, processes and Pythons of this machine: for installers and for the harness alike."""
