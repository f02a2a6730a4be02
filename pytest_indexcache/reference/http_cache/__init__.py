"""The HTTP cache (RFC 9111): which responses are stored, reused and revalidated."""
