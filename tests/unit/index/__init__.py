"""Tests of the fake indexes and their documents."""
