"""Tests of the two ways in to the fake indexes."""
