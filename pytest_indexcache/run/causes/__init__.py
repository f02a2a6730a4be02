"""Explain why a step did not meet its expectations."""
