"""The files of a play: what the harness writes and breaks, and what it looks at before a step."""
