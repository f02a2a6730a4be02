"""Commands about real index servers."""
