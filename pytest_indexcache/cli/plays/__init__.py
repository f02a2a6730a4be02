"""Plays of commands, with what they write and show."""
