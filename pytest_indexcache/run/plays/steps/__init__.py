"""One step of a play: begun alone or together with others, and observed when it has ended."""
