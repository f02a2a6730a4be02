"""The terminal of commands: arguments, help, completion and progress."""
