"""Tests of bisect, matrix and merge, with an installer whose releases behave by rules."""
