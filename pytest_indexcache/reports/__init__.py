"""Reports, which are rendered from results and from no other data."""
