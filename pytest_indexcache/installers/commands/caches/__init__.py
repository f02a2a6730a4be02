"""Find entries in the caches of installers."""
