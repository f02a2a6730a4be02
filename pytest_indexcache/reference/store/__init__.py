"""Files and records that are kept from run to run, and a temporary folder for each run."""
