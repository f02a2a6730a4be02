"""Texts for issue trackers, with untrusted text escaped and private information removed."""
