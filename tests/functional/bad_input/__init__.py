"""Tests of scenario files that are wrong."""
