"""The releases at which the behaviour of an installer changes."""
