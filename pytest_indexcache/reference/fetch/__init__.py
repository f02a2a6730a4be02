"""Download the files of pinned releases into the store."""
