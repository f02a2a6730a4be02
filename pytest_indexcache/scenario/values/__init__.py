"""The kinds of values that commands, files, verbs and variables in a scenario can have."""
