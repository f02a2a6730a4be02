"""Play standing scenarios with installers against real index servers."""
