"""Tests of bisect, matrix and merge, with an installer whose releases follow given rules."""
