"""Find the log, the files and the commands in a pasted text, such as an issue thread."""
