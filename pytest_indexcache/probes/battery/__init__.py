"""The battery of a probe: the requests to a real index, their URLs, and the client."""
