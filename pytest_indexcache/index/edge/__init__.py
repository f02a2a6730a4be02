"""The CDN edge of an index: a shared cache between installers and the index (RFC 9111)."""
