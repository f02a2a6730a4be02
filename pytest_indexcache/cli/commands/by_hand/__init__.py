"""Commands that let a user run installers by hand against the indexes of a scenario."""
