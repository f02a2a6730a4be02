"""What a step asks for, and whether it is there afterwards."""
