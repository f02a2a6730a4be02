"""The files and records that the installer keeps between runs, and a folder for each run."""
