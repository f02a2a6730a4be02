"""Draft scenarios from the logs that users paste into bug reports."""
