"""Real indexes behind the gateway: requests are passed on to them, and responses back."""
