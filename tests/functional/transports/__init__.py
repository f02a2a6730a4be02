"""Tests of the two transports to the fake indexes."""
