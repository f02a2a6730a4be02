"""Find out from a log which indexes were used, and how they responded."""
