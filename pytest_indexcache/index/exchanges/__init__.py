"""How a request and its answer become an exchange."""
