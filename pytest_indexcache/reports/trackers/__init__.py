"""Text for issue trackers, with untrusted parts escaped and private information removed."""
