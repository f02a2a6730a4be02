"""Tests of the rules about the exit of a command, and about the state after it."""
