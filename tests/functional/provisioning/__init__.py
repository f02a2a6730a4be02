"""Tests of installers that are got from an index, found on PATH, or built by oneself."""
