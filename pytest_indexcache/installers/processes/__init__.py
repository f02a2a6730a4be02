"""Run installers' processes in isolation, with limits and without access to the network."""
