"""Files and records that outlast a run of the installer, and a temporary folder for each run."""
