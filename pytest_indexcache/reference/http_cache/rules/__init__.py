"""The rules of RFC 9111 as functions of requests, responses and the time; no input or output."""
