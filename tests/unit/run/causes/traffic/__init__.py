"""Tests of causes about traffic, with small histories."""
