"""Find the releases in which the behaviour of an installer changed."""
