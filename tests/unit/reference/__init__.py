"""Finding, resolving and locking, against indexes that live in memory."""
