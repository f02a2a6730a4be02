"""The rules of RFC 9111, as functions of requests, responses and the time, without I/O."""
