"""Find the releases with which the behaviour of an installer changes."""
