"""Code shared by the adapters for installers that are run as commands."""
