"""The files of a play, which the harness writes, damages, and checks before each step."""
