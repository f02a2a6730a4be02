"""Tests of the HTTP cache and the index client on the wire."""
