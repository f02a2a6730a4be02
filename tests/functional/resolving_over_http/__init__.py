"""Resolution against fake indexes, through the HTTP cache and the wheel store."""
