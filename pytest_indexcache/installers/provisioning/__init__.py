"""How a release of an installer gets on this machine."""
