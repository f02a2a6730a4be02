"""Reports, which are rendered only from results."""
