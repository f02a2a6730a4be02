"""Tests of the HTTP cache before an origin in memory."""
