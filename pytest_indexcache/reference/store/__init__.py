"""The files and records that the installer keeps between runs, and the folder of a run."""
