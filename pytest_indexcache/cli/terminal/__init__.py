"""Read arguments and write to the terminal: help, completion, messages and progress."""
