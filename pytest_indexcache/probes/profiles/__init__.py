"""Server profiles: derived from a probe, compared, and matched with measured servers."""
