"""Parse installers' verbose logs into plain values."""
