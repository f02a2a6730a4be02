"""The interface of an installer, with its arguments and results as plain values."""
