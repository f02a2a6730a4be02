"""What is expected of a step, checked against what was observed of it; pure."""
