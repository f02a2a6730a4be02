"""The parts shared by installers that have a command line."""
