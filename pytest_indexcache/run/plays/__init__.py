"""Play one scenario once, with one installer."""
