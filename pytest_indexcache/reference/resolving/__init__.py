"""What the resolver is made of: requirements, metadata, forks, explanations."""
