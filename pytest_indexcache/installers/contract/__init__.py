"""The interface that all installers implement, with plain values as arguments and results."""
