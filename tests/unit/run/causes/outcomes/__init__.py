"""Rules for how a command ended, and for what it left."""
