"""Find entries in the installers' caches."""
