"""What an installer promises, and what it is given."""
