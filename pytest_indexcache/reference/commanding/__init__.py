"""What ``commands`` and the command line are made of."""
