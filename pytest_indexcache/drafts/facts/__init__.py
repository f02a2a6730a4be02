"""The command and the releases that are named in a log and the files beside it."""
