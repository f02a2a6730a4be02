"""Check that installers can only reach the scenario's own indexes, files and programs."""
