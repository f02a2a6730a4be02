"""Standing scenarios, played by installers against index servers that are started for it."""
