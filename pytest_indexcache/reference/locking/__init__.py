"""What ``lockfile`` is made of."""
