"""Tests of parsed logs."""
