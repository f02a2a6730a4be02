"""Resolve requirements into pins, which are the exact releases, files and folders to install."""
