"""The files of a play: written and broken by the harness, and inspected before each step."""
