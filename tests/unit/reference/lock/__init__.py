"""Tests of lockfiles."""
