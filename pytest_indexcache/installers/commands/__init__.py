"""What installers that are started by commands have in common."""
