"""What is asked of a real index, and how: the requests, their places, and the client."""
