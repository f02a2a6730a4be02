"""Resolve requirements into pins: the exact releases, files and folders to install."""
