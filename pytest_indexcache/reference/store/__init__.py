"""Files and records that the installer keeps from one run to the next, and a folder for one run."""
