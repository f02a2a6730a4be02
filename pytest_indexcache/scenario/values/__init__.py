"""The kinds of values that commands, files, verbs and variables of a scenario may have."""
