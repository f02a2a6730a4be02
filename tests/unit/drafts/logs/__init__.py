"""Tests of the parsers of logs."""
