"""The HTTP cache (RFC 9111): what may be reused, asked again and stored."""
