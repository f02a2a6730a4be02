"""Tests of the rules for the exit of a command, and for the state after the command."""
