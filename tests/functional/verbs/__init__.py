"""Tests of every verb of the scenario language, played by the reference installer."""
