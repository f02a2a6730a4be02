"""The command and the releases that a log and the files beside it name."""
