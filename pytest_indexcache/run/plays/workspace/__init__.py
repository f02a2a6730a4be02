"""The files of a play: written and damaged by the harness, and checked before each step."""
