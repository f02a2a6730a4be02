"""The battery of a probe: the requests sent to a real index, their URLs, and the client."""
