"""Server profiles: made from a probe's answers, compared, and matched with measured servers."""
