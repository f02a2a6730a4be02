"""Collect facts about a play from its history, and put them into words."""
