"""Tests of causes of traffic, with small histories."""
