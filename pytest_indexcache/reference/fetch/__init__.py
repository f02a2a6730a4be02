"""Download the files for pinned releases into the store."""
