"""Tests of the words of reports."""
