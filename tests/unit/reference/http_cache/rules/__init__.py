"""Tests of the rules of RFC 9111 for a private cache."""
