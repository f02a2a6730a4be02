"""Replace private words in captured scenarios, and report any that remain."""
