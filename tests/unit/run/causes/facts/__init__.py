"""Tests of the facts, with small histories."""
