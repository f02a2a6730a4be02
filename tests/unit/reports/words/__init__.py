"""Tests of the wording of reports."""
