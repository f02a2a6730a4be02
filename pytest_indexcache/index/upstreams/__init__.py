"""Real indexes behind the gateway: requests and responses are forwarded."""
