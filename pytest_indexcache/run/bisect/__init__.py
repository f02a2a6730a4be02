"""Find the releases at which the behaviour of an installer changes."""
