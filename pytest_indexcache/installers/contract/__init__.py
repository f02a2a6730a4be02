"""The interface of an installer, and the values that it gets and returns."""
