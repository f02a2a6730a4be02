"""Reports, which are rendered from results alone."""
