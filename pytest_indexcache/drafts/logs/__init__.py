"""Parse the verbose logs of installers."""
