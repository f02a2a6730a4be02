"""Tests of matrices."""
