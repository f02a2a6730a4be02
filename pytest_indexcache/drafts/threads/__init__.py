"""Find the log, the files and the commands in a text such as an issue thread."""
