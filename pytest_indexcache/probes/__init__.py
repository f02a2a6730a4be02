"""The battery of requests that is asked of a real index, and what its answers mean."""
