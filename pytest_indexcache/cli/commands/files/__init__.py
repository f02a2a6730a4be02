"""Commands that read and write scenario files, and list what the files can name."""
