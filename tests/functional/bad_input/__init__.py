"""Tests of scenario files with mistakes."""
