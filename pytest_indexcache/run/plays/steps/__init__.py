"""One step of a play: it is begun, alone or at once with others, and looked at when it is over."""
