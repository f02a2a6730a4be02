"""Rules that explain unexpected requests and responses."""
