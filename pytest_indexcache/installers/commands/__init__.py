"""Code that the adapters of installers with a command line share."""
