"""Run the processes of installers in isolation, with limits and without a network."""
