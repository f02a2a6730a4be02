"""Checks that a scenario sends installers only to the scenario's indexes, files and programs."""
