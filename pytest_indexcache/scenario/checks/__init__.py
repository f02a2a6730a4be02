"""What is wrong in a scenario file, beyond types."""
