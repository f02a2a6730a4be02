"""The indexes in project files and on command lines."""
