"""Play many scenarios with many releases."""
