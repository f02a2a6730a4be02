"""Tests of the HTTP cache, in front of an origin in memory."""
