"""The parts shared by the adapters of installers that have a command line."""
