"""Texts for issue trackers, in which nothing of a stranger is obeyed and nothing private stays."""
