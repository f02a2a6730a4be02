"""Write texts for issue trackers, with untrusted parts escaped and private details removed."""
