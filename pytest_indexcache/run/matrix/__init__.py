"""Many scenarios, played by many releases."""
