"""The kinds of values in commands, files, verbs and variables of a scenario."""
